"""Studio's templates: the one file of `web` that imports Jinja. Every value is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sealgate import __version__
from sealgate.web.studio import explained, shown
from sealgate.web.studio.statics import Statics

TEMPLATES = Path(__file__).parent / "templates"


class Pages:
    """Renders the templates of some folders. A name that a template reads and nobody has set is an error,
    not nothing."""

    def __init__(self, statics: Statics, folders: Sequence[Path] = (TEMPLATES,)) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(folders),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals |= {"static": statics.url, "version": __version__}
        self._environment.filters |= {**shown.FILTERS, **explained.FILTERS}

    def render(self, template: str, context: dict[str, Any]) -> str:
        text = self._environment.get_template(template).render(context)
        # JSON of others may hold half of a surrogate pair, which UTF-8 has no bytes for.
        return text.encode("utf-8", "backslashreplace").decode()
