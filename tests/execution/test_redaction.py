"""A redactor finds a secret in every form that software writes it in."""

import base64
import html
import itertools
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealgate.execution.redaction import MARK, Redactor, _forms_of, _shortest_form

SECRET = 'p@ss/w"ord+ü<&> \\ 12'
LINES = ("MIIEvQIBADANBgkqhkiG9w0BAQEF", "AASCBKcwggSjAgEAAoIBAQDX3x1")
PEM = "\n".join(["-----BEGIN PRIVATE KEY-----", *LINES, "-----END PRIVATE KEY-----", ""])

FORMS = {
    "plain": SECRET,
    "json": json.dumps(SECRET),
    "json in json": json.dumps(json.dumps(SECRET)),
    "json unicode": json.dumps(SECRET, ensure_ascii=False),
    "json slashes": json.dumps(SECRET).replace("/", "\\/"),
    "url": quote(SECRET, safe=""),
    "url lower": quote(SECRET, safe="").lower().replace("p%40ss", "p%40ss"),
    "path": quote(SECRET),
    "form": quote_plus(SECRET),
    "html": html.escape(SECRET),
    "repr": repr(SECRET),
    "hex": SECRET.encode().hex(),
    "HEX": SECRET.encode().hex().upper(),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64url": base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("="),
    "basic": base64.b64encode(f"user:{SECRET}".encode()).decode(),
    "basic 2": base64.b64encode(f"ab:{SECRET}".encode()).decode(),
    "basic 3": base64.b64encode(f"abc:{SECRET}:after".encode()).decode(),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_each_form_is_found(form):
    text = Redactor([SECRET]).text(f"before {form} after")
    assert MARK in text
    assert text.startswith("before ") and text.endswith(" after")
    assert form not in text


def test_a_pem_is_found_line_by_line():
    text = Redactor([PEM]).text("key=\n> " + PEM.replace("\n", "\n> "))
    assert all(line not in text for line in LINES)


def test_short_values_and_other_text_stay():
    redactor = Redactor(["abc", "long-enough"])
    assert redactor.text("abc long enough") == "abc long enough"


def test_a_run_adds_to_what_its_tenant_knows():
    tenant = Redactor(["of-the-tenant"])
    run = tenant | ["of-the-run", "of-the-tenant"]
    assert run.text("of-the-run of-the-tenant") == f"{MARK} {MARK}"
    assert tenant.text("of-the-run") == "of-the-run"


def test_a_tree_is_scrubbed_with_its_names():
    tree = {"a": ["x long-enough"], "long-enough": 1, "n": None}
    assert Redactor(["long-enough"]).tree(tree) == {"a": [f"x {MARK}"], MARK: 1, "n": None}


@given(st.binary(max_size=60), st.binary(max_size=60), st.lists(st.integers(0, 150), max_size=8))
async def test_a_stream_is_scrubbed_wherever_it_is_cut(before, after, cuts):
    data = before + SECRET.encode() + after
    borders = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})

    async def chunks():
        for start, end in itertools.pairwise(borders):
            yield data[start:end]

    redactor = Redactor([SECRET])
    out = b"".join([chunk async for chunk in redactor.stream(chunks())])
    assert SECRET.encode() not in out
    assert out == redactor.data(data)


@given(st.text(min_size=4, max_size=60))
def test_no_form_is_shorter_than_what_is_looked_at(value):
    """`data` passes what is shorter than every form without a look."""
    assert all(len(form) >= _shortest_form(value) for form in _forms_of(value))


def test_the_same_credentials_are_prepared_once():
    tenant = Redactor(["tenant-secret"])
    assert tenant | ["token-1"] is tenant | ["token-1"]
    assert tenant | ["tenant-secret"] is tenant
    assert (tenant | ["token-1"]).text("token-1 tenant-secret") == f"{MARK} {MARK}"
