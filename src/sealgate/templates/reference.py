"""What each function and filter of templates does, with an example: for the docs at hand.

Which of them a field has comes from `fields`; a test holds this list against the registered names and
renders every example."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sealgate.templates.fields import CONNECTOR, Field
from sealgate.templates.filters import FILTERS


@dataclass(frozen=True, slots=True)
class Entry:
    """`result` is what the example prints; `None` where that differs from run to run."""

    kind: Literal["function", "filter"]
    name: str
    explanation: str
    example: str
    result: str | None

    @property
    def fields(self) -> tuple[Field, ...]:
        """Where it may stand in a connector."""
        if self.kind == "function":
            return tuple(field for field in Field if self.name in CONNECTOR.functions[field])
        if self.name == "safe":
            return (Field.RESPONSE_BODY,)
        return tuple(Field)

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "name": self.name,
            "explanation": self.explanation,
            "example": self.example,
            "result": self.result,
            "fields": [field.name.lower() for field in self.fields],
        }


FUNCTIONS: dict[str, tuple[str, str, str | None]] = {
    "get_secret": ("The value of a secret.", "Bearer {{ get_secret('api_key') }}", "Bearer [api_key]"),
    "get_variable": ("The value of a variable.", "{{ get_variable('region') | default('eu') }}", "eu"),
    "jwt_encode": (
        "A compact JWT, signed with HS256 or the algorithm that is named.",
        "{{ jwt_encode({'sub': 'ada'}, get_secret('key_of_thirty_two_bytes_or_more'), 'HS256') }}",
        None,
    ),
    "key_id": (
        "The `kid` of the key pair whose private key a secret holds, as the published keys have it.",
        "{{ key_id('signing_key') }}",
        "[key id of signing_key]",
    ),
    "now": ("Unix time in seconds, with an offset.", "{{ now(3600) - now() }}", "3600"),
}

_DESCRIBED: dict[str, tuple[str, str, str]] = {
    "abs": ("The number without its sign.", "{{ -3 | abs }}", "3"),
    "base64_decode": ("The text whose base64 this is.", "{{ 'YWRh' | base64_decode }}", "ada"),
    "base64_encode": ("Base64 of a text.", "{{ 'ada' | base64_encode }}", "YWRh"),
    "batch": ("The values in rows of this many.", "{{ [1, 2, 3] | batch(2) | tojson }}", "[[1, 2], [3]]"),
    "capitalize": ("A capital letter first, small ones after it.", "{{ 'aDA' | capitalize }}", "Ada"),
    "center": ("The text in the middle of this width.", "[{{ 'a' | center(3) }}]", "[ a ]"),
    "count": ("As length.", "{{ [1, 2] | count }}", "2"),
    "d": ("As default.", "{{ nothing | d('none') }}", "none"),
    "default": ("Another value where one is missing or None.", "{{ nothing | default('x') }}", "x"),
    "dictsort": ("An object's pairs in order.", "{{ {'b': 1, 'a': 2} | dictsort | first | first }}", "a"),
    "filesizeformat": ("A number of bytes for people.", "{{ 2000 | filesizeformat }}", "2.0 kB"),
    "first": ("The first value.", "{{ [1, 2] | first }}", "1"),
    "float": ("A number with a fraction, 0.0 for what is none.", "{{ '1.5' | float }}", "1.5"),
    "from_json": ("The value that a JSON text stands for.", "{{ ('[1, 2]' | from_json)[1] }}", "2"),
    "groupby": (
        "The objects with the same value of an attribute together.",
        "{% for key, items in [{'k': 'a'}, {'k': 'a'}] | groupby('k') %}{{ key }}{{ items | length }}"
        "{% endfor %}",
        "a2",
    ),
    "indent": ("The lines after the first moved to the right.", "{{ 'a\\nb' | indent(2) }}", "a\n  b"),
    "int": ("A whole number, 0 for what is none.", "{{ '42' | int }}", "42"),
    "items": ("The pairs of an object.", "{{ {'a': 1} | items | list | tojson }}", '[["a", 1]]'),
    "join": ("The values as one text.", "{{ [1, 2] | join('-') }}", "1-2"),
    "json_encode": ("JSON text.", "{{ {'a': [1, none]} | json_encode }}", '{"a": [1, null]}'),
    "last": ("The last value.", "{{ [1, 2] | last }}", "2"),
    "length": ("How many values or characters.", "{{ 'ada' | length }}", "3"),
    "list": ("The values as a list: of a text its characters.", "{{ 'ab' | list | tojson }}", '["a", "b"]'),
    "lower": ("Small letters.", "{{ 'Ada' | lower }}", "ada"),
    "map": (
        "One attribute, or a filter's output, of each value.",
        "{{ [{'id': 1}, {'id': 2}] | map(attribute='id') | join(',') }}",
        "1,2",
    ),
    "max": ("The largest value.", "{{ [1, 3, 2] | max }}", "3"),
    "min": ("The smallest value.", "{{ [3, 1, 2] | min }}", "1"),
    "random": ("One of the values, by chance.", "{{ [7, 7] | random }}", "7"),
    "reject": ("The values that do not pass a test.", "{{ [1, 2] | reject('odd') | join }}", "2"),
    "rejectattr": (
        "The objects whose attribute does not pass a test.",
        "{{ [{'a': 1}, {'a': 0}] | rejectattr('a') | list | tojson }}",
        '[{"a": 0}]',
    ),
    "replace": ("Each occurrence of a text as another.", "{{ 'a.b' | replace('.', '-') }}", "a-b"),
    "reverse": ("The other way round.", "{{ [1, 2] | reverse | join }}", "21"),
    "round": ("Rounded to so many places.", "{{ 2.345 | round(1) }}", "2.3"),
    "safe": ("Text that is already written for its place.", "{{ 'a' | safe }}", "a"),
    "select": ("The values that pass a test.", "{{ [1, 2] | select('odd') | join }}", "1"),
    "selectattr": (
        "The objects whose attribute passes a test.",
        "{{ [{'a': 1}, {'a': 2}] | selectattr('a', 'equalto', 2) | list | tojson }}",
        '[{"a": 2}]',
    ),
    "slice": ("The values in this many columns.", "{{ [1, 2, 3] | slice(2) | tojson }}", "[[1, 2], [3]]"),
    "sort": ("The values in order.", "{{ [3, 1, 2] | sort(reverse=true) | join }}", "321"),
    "string": ("The value as text.", "{{ (42 | string) ~ '!' }}", "42!"),
    "striptags": ("The text of HTML.", "{{ '<b>a</b>' | striptags }}", "a"),
    "sum": ("The numbers added up.", "{{ [1, 2, 3] | sum }}", "6"),
    "title": ("A capital letter for each word.", "{{ 'ada king' | title }}", "Ada King"),
    "tojson": ("JSON text that may stand in HTML, too.", "{{ {'a': true} | tojson }}", '{"a": true}'),
    "trim": ("Without white space at both ends.", "[{{ ' a ' | trim }}]", "[a]"),
    "truncate": ("A longer text cut.", "{{ 'abcdefg' | truncate(6, true, '...', 0) }}", "abc..."),
    "unique": ("Each value once.", "{{ [1, 1, 2] | unique | join }}", "12"),
    "upper": ("Capital letters.", "{{ 'Ada' | upper }}", "ADA"),
    "urlencode": ("Percent-encoded for a URL.", "{{ 'a b' | urlencode }}", "a%20b"),
    "wordcount": ("How many words.", "{{ 'a b c' | wordcount }}", "3"),
}  # fmt: skip


def reference() -> Iterator[Entry]:
    """Every function, then every filter, by name."""
    for name, described in sorted(FUNCTIONS.items()):
        yield Entry("function", name, *described)
    for name in sorted(FILTERS):
        yield Entry("filter", name, *_DESCRIBED[name])
