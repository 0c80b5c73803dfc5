# make install | demo | test | check. uv is used when it is there, never required.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: install demo test check system-packages

install: $(VENV)/.installed

$(VENV)/.installed: requirements/dev.txt requirements/build.txt pyproject.toml
	scripts/install "$(PYTHON)" "$(VENV)"
	@touch $@

demo: install
	$(BIN)/sealgate demo $(if $(ONCE),--once)

test: install
	scripts/check

check: test
