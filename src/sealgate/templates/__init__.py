"""The template language: guarded Jinja2, values written for the place where they stand (REFERENCE 4)."""

from sealgate.templates.analysis import References
from sealgate.templates.context import Context, ResponseView
from sealgate.templates.fields import Field
from sealgate.templates.limits import Limits
from sealgate.templates.template import Template, TemplateInvalid, compile_template
from sealgate.templates.url import UrlTemplate, compile_url
from sealgate.templates.writers import Dialect, dialect_of

__all__ = [
    "Context",
    "Dialect",
    "Field",
    "Limits",
    "References",
    "ResponseView",
    "Template",
    "TemplateInvalid",
    "UrlTemplate",
    "compile_template",
    "compile_url",
    "dialect_of",
]
