"""A pasted body as `request_body`. A body cannot read secrets (REFERENCE section 5): they are taken out."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

from sealgate.importing.credentials import names_credential, without_credentials
from sealgate.importing.curl_command import FORM, form_encoded
from sealgate.importing.proposal import Notes, literal
from sealgate.importing.shell_words import VARIABLE

PLACE = "request_body"
_FIX = "send it in a header or in `authentication`, or let the caller send it"


def body_template(text: str, content_type: str | None, notes: Notes) -> str:
    """The body as a template that prints it, without the credentials in it."""
    cleaned = _without_named(text, content_type, notes)
    cleaned, found = without_credentials(cleaned)
    if found:
        _warn(notes, "the body", "what looks like a credential")
    if VARIABLE.search(cleaned):
        _warn(notes, "the body", "a shell variable")
        cleaned = VARIABLE.sub("", cleaned)
    notes.warn(
        PLACE,
        "the body is fixed as it was pasted: what a caller sends is not used",
        hint="empty the field to pass the caller's body on, or read it with `body_text | from_json`",
    )
    # A template loses the last line break of its text.
    return literal(cleaned) + ("\n" if cleaned.endswith("\n") else "")


def _without_named(text: str, content_type: str | None, notes: Notes) -> str:
    if content_type and content_type.partition(";")[0].strip().lower() == FORM:
        pairs = parse_qsl(text, keep_blank_values=True)
        secret = [name for name, value in pairs if value and names_credential(name)]
        for name in secret:
            _warn(notes, f"the form field {name[:60]!r}", "a credential")
        if not secret:
            return text
        return form_encoded([(name, "" if name in secret else value) for name, value in pairs])
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        return text
    names: list[str] = []
    cleaned = _emptied(tree, names)
    for name in names:
        _warn(notes, f"the member {name[:60]!r}", "a credential")
    return json.dumps(cleaned, ensure_ascii=False, indent=2) if names else text


def _emptied(tree: Any, names: list[str]) -> Any:
    """The tree with an empty text for each credential."""
    if isinstance(tree, dict):
        emptied = {}
        for name, value in tree.items():
            if isinstance(value, (str, int)) and value and names_credential(name):
                names.append(name)
                emptied[name] = ""
            else:
                emptied[name] = _emptied(value, names)
        return emptied
    if isinstance(tree, list):
        return [_emptied(item, names) for item in tree]
    return tree


def _warn(notes: Notes, where: str, what: str) -> None:
    notes.warn(PLACE, f"{where} held {what}, which a body cannot read from a secret: it is empty", hint=_FIX)
