# make install | demo | test. uv is used when it is there, never required.
# The interpreter to install with; when none is named, scripts/choose-python names one.
PYTHON ?=
VENV := .venv

.PHONY: install demo test screenshots bench bench-scale

install: $(VENV)/.installed

$(VENV)/.installed: requirements/dev.txt requirements/build.txt pyproject.toml scripts/install
	scripts/install "$(PYTHON)" "$(VENV)"
	@touch $@

demo: install
	$(VENV)/bin/sealgate demo $(if $(filter-out 0,$(ONCE)),--once)

test: install
	scripts/system-packages
	scripts/check

# Every screen of Studio into screenshots/.
screenshots: install
	scripts/system-packages
	scripts/screenshots

# QUICK=1, ROUNDS=n, SECONDS=s, ONLY=name,name: docs/benchmarks.md
bench bench-scale: install
	bench/install ../$(VENV)/bin/python
	$(VENV)/bin/python -m $(subst -,.,$@)
