"""Who may do what: API tokens, who is signed in to Studio, login links, oneself."""

from __future__ import annotations

from sealgate.web.studio.sections.access import people, tokens, yourself
from sealgate.web.studio.sections.access.section import section

__all__ = ["people", "section", "tokens", "yourself"]
