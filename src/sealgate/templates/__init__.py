"""The template language: guarded Jinja2, values written for the place where they stand (REFERENCE 4)."""

from sealgate.templates.analysis import References
from sealgate.templates.answers import name_answers, say_answers
from sealgate.templates.compiling import TemplateInvalid, compile_template, read_template
from sealgate.templates.condition import Condition, compile_condition
from sealgate.templates.context import Context, RequestView, ResponseView
from sealgate.templates.fields import CONNECTOR, STEP, Field, Vocabulary
from sealgate.templates.limits import Limits
from sealgate.templates.template import Template
from sealgate.templates.url import UrlTemplate, compile_url
from sealgate.templates.writers import Dialect, dialect_of

__all__ = [
    "CONNECTOR",
    "STEP",
    "Condition",
    "Context",
    "Dialect",
    "Field",
    "Limits",
    "References",
    "RequestView",
    "ResponseView",
    "Template",
    "TemplateInvalid",
    "UrlTemplate",
    "Vocabulary",
    "compile_condition",
    "compile_template",
    "compile_url",
    "dialect_of",
    "name_answers",
    "read_template",
    "say_answers",
]
