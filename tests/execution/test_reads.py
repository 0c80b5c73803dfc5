"""What a document reads, found without compiling it, is what compiling it finds."""

from __future__ import annotations

import json

import pytest

from sealgate.execution.compiling import Compiler, World
from sealgate.execution.reads import Read, may_read, reads_of
from sealgate.templates import STEP

BASE = {"name": "A", "url": "https://api.example.com/x"}

# A template, and the names it reads; `None`: a computed one.
TEMPLATES = [
    ("plain text", [], []),
    ("about get_secret('a')", [], []),
    ("{{ get_secret('a') }}", ["a"], []),
    ("Bearer {{get_secret( \"a\" )}}{{ get_variable('v') }}", ["a"], ["v"]),
    ("{{ get_secret('a') }}:{{ get_secret('a') }}", ["a"], []),
    ("{{ get_secret('a') | base64_encode }}", ["a"], []),
    ("{%- if user.id %}{{ get_secret('a') }}{% else %}{{ get_secret('b') }}{% endif %}", ["a", "b"], []),
    ("{# {{ get_secret('a') }} #}", [], []),
    ("{% raw %}{{ get_secret('a') }}{% endraw %}", [], []),
    ("{{ \"{{ get_secret('a') }}\" }}", [], []),
    ("{{ get_secret('a_' ~ tenant_id) }}", [None], []),
    ("{{ get_secret(get_variable('v')) }}", [None], ["v"]),
    ("{{ get_variable(user.id) }}", [], [None]),
    ("{% set read = get_secret %}{{ read('a') }}{{ get_secret('b') }}", ["b", None], []),
]
UNPARSED = ["{{{ get_secret('a') }}}", "{{ get_secret('a' }}", "{% if get_variable('v') %}"]
"""Nobody can say what these read."""


def names(reads, kind):
    return [read.name for read in reads if read.kind == kind]


def compiled(document, vocabulary=None):
    """By the compiler: path → secrets, variables, and whether either is computed."""
    compiler = Compiler(World(refusal=lambda _: None), *([vocabulary] if vocabulary else []))
    return {
        path: (found.secrets, found.variables, found.computed_secret, found.computed_variable)
        for path, found in compiler.compile(document).references.items()
        if found.secrets or found.variables or found.computed_secret or found.computed_variable
    }


def read(document):
    found = {}
    for each in reads_of(json.dumps(document).encode()):
        secrets, variables, any_secret, any_variable = found.get(each.path, (set(), set(), False, False))
        if each.name is None:
            any_secret |= each.kind == "secret"
            any_variable |= each.kind == "variable"
        else:
            (secrets if each.kind == "secret" else variables).add(each.name)
        found[each.path] = (secrets, variables, any_secret, any_variable)
    return found


@pytest.mark.parametrize(
    ("source", "secrets", "variables"), [*TEMPLATES, *((source, [None], [None]) for source in UNPARSED)]
)
def test_names(source, secrets, variables):
    document = {**BASE, "response_body": source}
    found = reads_of(json.dumps(document).encode())
    assert names(found, "secret") == secrets
    assert names(found, "variable") == variables
    assert {each.path for each in found} <= {"response_body"}
    assert may_read(json.dumps(document).encode()) or not found


@pytest.mark.parametrize("source", [source for source, _, _ in TEMPLATES])
def test_the_compiler_finds_the_same(source):
    document = {
        **BASE,
        "url": "https://api.example.com/{{ get_variable('v') }}",
        "headers": [{"key": "a", "value": source}, {"key": "b", "value": "{{ get_variable('w') }}"}],
        "query_parameters": [{"key": "q", "value": source}],
        "request_body": source,
        "response_body": source,
        "authentication": {
            "type": "jwt",
            "config": {
                "private_key": source,
                "claims": {"a": [{"b": source}]},
                "jwt_headers": {"kid": source},
            },
        },
    }
    assert read(document) == compiled(document)
    assert "url" in read(document)


def test_steps_say_where():
    step = {"name": "first", "url": BASE["url"], "when": "get_variable('on') == 'yes'"}
    second = {
        "name": "second",
        "url": BASE["url"],
        "headers": [{"key": "a", "value": "{{ get_secret('s') }}"}],
    }
    document = {"name": "A", "steps": [step, second]}
    assert reads_of(json.dumps(document).encode()) == (
        Read("variable", "on", "steps.0.when", "first"),
        Read("secret", "s", "steps.1.headers.0.value", "second"),
    )
    assert compiled(second, STEP).keys() == {"headers.0.value"}


@pytest.mark.parametrize("member", ["name", "permalink", "response_content_type"])
def test_what_is_no_template_reads_nothing(member):
    document = {**BASE, member: "{{ get_secret('a') }}"}
    assert reads_of(json.dumps(document).encode()) == ()
