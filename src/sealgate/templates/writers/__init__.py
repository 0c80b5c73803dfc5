"""Escaping by place: a value is written for the place where it stands (DESIGN 9).

A render yields pieces: the template's own text and values. A writer follows the text, so branches
and loops need no analysis, and writes each value so that it can never add a field, an element, a
parameter or a path segment.
"""

from __future__ import annotations

from sealgate.templates.writers.base import MISSING, Dialect, Missing, Unwritable, Writer, dialect_of
from sealgate.templates.writers.form import FormWriter
from sealgate.templates.writers.json import JsonWriter, Place, inside, outside
from sealgate.templates.writers.markup import MarkupWriter
from sealgate.templates.writers.plain import PlainWriter
from sealgate.templates.writers.url import UrlWriter

__all__ = [
    "MISSING",
    "Dialect",
    "Missing",
    "Place",
    "Unwritable",
    "UrlWriter",
    "Writer",
    "dialect_of",
    "inside",
    "outside",
    "writer_for",
]

_WRITERS: dict[Dialect, type[Writer]] = {
    Dialect.JSON: JsonWriter,
    Dialect.MARKUP: MarkupWriter,
    Dialect.FORM: FormWriter,
    Dialect.PLAIN: PlainWriter,
}


def writer_for(dialect: Dialect) -> Writer:
    """A fresh writer for one render of a body in this dialect."""
    return _WRITERS[dialect]()
