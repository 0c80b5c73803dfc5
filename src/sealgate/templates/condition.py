"""Conditions: a bare expression that decides whether a step runs (DESIGN: `when`)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sealgate.findings import Finding
from sealgate.secret import reveal
from sealgate.templates.compiling import TemplateInvalid, compile_template
from sealgate.templates.context import Context
from sealgate.templates.fields import STEP, Field
from sealgate.templates.limits import Limits
from sealgate.templates.template import Template

OPEN, CLOSE = "{% if (", ") %}true{% endif %}"
MARKS = ("{%", "%}", "{{", "}}", "{#", "#}")


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled expression, true or false as Jinja's `if` takes it."""

    source: str
    template: Template

    def holds(self, context: Context) -> bool:
        """Raises what rendering a template raises."""
        return bool(reveal(self.template.render(context)))


def compile_condition(source: str, limits: Limits = Limits()) -> Condition:  # noqa: B008 (a frozen value)
    """Compile `steps.a.status_code == 200`, or the same between `{{` and `}}`. Raises TemplateInvalid."""
    text = source.strip()
    if text.startswith("{{") and text.endswith("}}"):
        text = text[2:-2].strip()
    if any(mark in text for mark in MARKS):
        message = "a condition is one expression, such as `steps.a.status_code == 200`"
        raise TemplateInvalid((Finding("", message, expression=source),))
    try:
        template = compile_template(f"{OPEN}{text}{CLOSE}", Field.CONDITION, limits, STEP)
    except TemplateInvalid as error:
        raise TemplateInvalid(tuple(_as_written(fault, text) for fault in error.faults)) from None
    warnings = tuple(_as_written(warning, text) for warning in template.warnings)
    return Condition(source, replace(template, warnings=warnings))


def _as_written(finding: Finding, text: str) -> Finding:
    """At the place in the expression, not in the tag around it."""
    column = finding.column
    if column is not None and finding.line == 1:
        column = max(1, column - len(OPEN))
    return replace(finding, column=column, expression=text)
