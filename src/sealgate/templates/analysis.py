"""What a parsed template reads, and what is wrong with it (design section 6, faults and warnings)."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sealgate.findings import Finding
from sealgate.templates.environment import find_undeclared_variables, nodes
from sealgate.templates.fields import ALL_FUNCTIONS, ALL_NAMES, Field, Vocabulary
from sealgate.templates.filters import FILTERS
from sealgate.templates.members import unknown_members
from sealgate.templates.predicates import TESTS
from sealgate.templates.source import Source

GLOBALS = frozenset({"range", "dict", "namespace", "cycler", "joiner", "loop", "caller", "varargs", "kwargs"})
BODY_NAMES = frozenset({"body_text", "body_raw"})
FIXED_NAMES = frozenset({"get_secret", "get_variable", "key_id", "tenant_id"})
MOST_FINDINGS = 50
MOST_SHOWN = 200
_REFUSED_STATEMENTS = {
    nodes.Extends: "extends", nodes.Include: "include", nodes.Import: "import", nodes.FromImport: "from",
    nodes.Block: "block", nodes.FilterBlock: "filter", nodes.CallBlock: "call",
    nodes.ScopedEvalContextModifier: "autoescape",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class References:
    """What a template reads: every free name, and the literal names given to functions.

    `computed_secret`: `get_secret` is used with something else than one literal name; `computed_variable`
    the same of `get_variable`, `computed_key_pair` of `key_id`.
    `computed_step`: `steps` is used with something else than one literal name.
    `random`: what it prints is left to chance."""

    names: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()
    key_pairs: frozenset[str] = frozenset()
    path_params: frozenset[str] = frozenset()
    steps: frozenset[str] = frozenset()
    computed_secret: bool = False
    computed_variable: bool = False
    computed_key_pair: bool = False
    computed_step: bool = False
    random: bool = False

    @property
    def fixed(self) -> bool:
        """Whether every render prints the same while secrets and variables stay what they are."""
        return self.names <= FIXED_NAMES and not self.computed_secret and not self.random

    @property
    def user(self) -> bool:
        return "user" in self.names

    @property
    def body(self) -> bool:
        return not self.names.isdisjoint(BODY_NAMES)

    @property
    def response(self) -> bool:
        return "response" in self.names


def references_of(tree: nodes.Template) -> References:
    """From the syntax tree. Its filters and tests must be known ones."""
    read: dict[str | None, list[str]] = {"get_secret": [], "get_variable": [], "key_id": []}
    for call in tree.find_all(nodes.Call):
        name, literal = _literal_call(call)
        if name in read and literal is not None:
            read[name].append(literal)
    secrets, variables, key_pairs = read.values()
    names = frozenset(find_undeclared_variables(tree))
    steps = list(_literal_members(tree, "steps"))
    return References(
        names=names,
        secrets=frozenset(secrets),
        variables=frozenset(variables),
        key_pairs=frozenset(key_pairs),
        path_params=frozenset(_literal_members(tree, "pathParams")),
        steps=frozenset(steps),
        computed_secret=_mentions(tree, "get_secret") > len(secrets),
        computed_variable=_mentions(tree, "get_variable") > len(variables),
        computed_key_pair="key_id" in names and _mentions(tree, "key_id") > len(key_pairs),
        computed_step=_mentions(tree, "steps") > len(steps),
        random=any(map(_is_random, tree.find_all(nodes.Filter))),
    )


def _literal_members(tree: nodes.Template, owner: str) -> Iterator[str]:
    """Each `X` of `owner.X` and `owner['X']`, as often as it stands there."""
    for attribute in tree.find_all(nodes.Getattr):
        if isinstance(attribute.node, nodes.Name) and attribute.node.name == owner:
            yield attribute.attr
    for item in tree.find_all(nodes.Getitem):
        named = isinstance(item.node, nodes.Name) and item.node.name == owner
        if named and isinstance(item.arg, nodes.Const) and isinstance(item.arg.value, str):
            yield item.arg.value


def _is_random(filtered: nodes.Filter) -> bool:
    """`random`, and a `map` that applies it or a filter whose name is computed."""
    if filtered.name == "map" and filtered.args:
        applied = filtered.args[0]
        return not isinstance(applied, nodes.Const) or applied.value == "random"
    return filtered.name == "random"


def _mentions(tree: nodes.Template, name: str) -> int:
    return sum(node.name == name for node in tree.find_all(nodes.Name))


def _literal_call(call: nodes.Call) -> tuple[str | None, str | None]:
    """The function's name, and its argument when that is one literal text."""
    name = call.node.name if isinstance(call.node, nodes.Name) else None
    if len(call.args) == 1 and not call.kwargs and isinstance(call.args[0], nodes.Const):
        value = call.args[0].value
        return name, value if isinstance(value, str) else None
    return name, None


def faults(tree: nodes.Template, source: Source, field: Field) -> list[Finding]:
    """What cannot run: unknown filters and tests, statements that templates do not have, `safe` where
    text goes to an API."""
    return _first(_faults(tree, source, field))


def _faults(tree: nodes.Template, source: Source, field: Field) -> Iterator[Finding]:
    for filtered in tree.find_all(nodes.Filter):
        if filtered.name not in FILTERS:
            hint = _nearest(filtered.name, FILTERS)
            yield _at(source, filtered, f"there is no filter {filtered.name!r}", filtered.name, hint)
        elif filtered.name == "safe" and field is not Field.RESPONSE_BODY:
            hint = "remove it; values are written for the place where they stand"
            yield _at(source, filtered, f"`safe` is not allowed in {field.value}", "safe", hint)
    for test in tree.find_all(nodes.Test):
        if test.name not in TESTS:
            yield _at(source, test, f"there is no test {test.name!r}", test.name, _nearest(test.name, TESTS))
    for kind, word in _REFUSED_STATEMENTS.items():
        for statement in tree.find_all(kind):
            message = f"templates here do not have {{% {word} %}}"
            yield _at(source, statement, message, word, "use a macro or {% set %}")


def warnings(
    tree: nodes.Template, source: Source, field: Field, vocabulary: Vocabulary, references: References
) -> list[Finding]:
    """What will print nothing, and what will fail when it runs."""
    return _first(_warnings(tree, source, field, vocabulary, references))


def _warnings(
    tree: nodes.Template, source: Source, field: Field, vocabulary: Vocabulary, references: References
) -> Iterator[Finding]:
    available = vocabulary.names[field] | vocabulary.functions[field]
    for name in _in_order(tree, references.names):
        if name.name not in available and name.name not in GLOBALS:
            yield _unavailable(name, source, field, available)
    for found in unknown_members(tree, references.names & available):
        message = f"`{found.owner}.{found.name}` is not known and prints nothing"
        hint = _nearest(found.name, found.known) or f"it has {', '.join(found.known)}"
        yield _at(source, found.node, message, found.name, hint)
    if field in (Field.HEADER, Field.QUERY, Field.URL):
        yield from _quoted_values(tree, source)


def _unavailable(name: nodes.Name, source: Source, field: Field, available: frozenset[str]) -> Finding:
    if name.name in ALL_FUNCTIONS:
        message = f"{name.name}() is not available in {field.value}: a call fails and nothing is sent"
        return _at(source, name, message, name.name, None)
    if name.name in ALL_NAMES:
        message = f"`{name.name}` is not available in {field.value} and prints nothing"
        hint = f"write request.{name.name}" if name.name in BODY_NAMES and "request" in available else None
        return _at(source, name, message, name.name, hint)
    if name.name in FILTERS:
        message = f"`{name.name}` is a filter, not a function: a call fails"
        return _at(source, name, message, name.name, f"write {{{{ value | {name.name} }}}}")
    hint = _nearest(name.name, available)
    return _at(source, name, f"`{name.name}` is not known and prints nothing", name.name, hint)


def _in_order(tree: nodes.Template, names: frozenset[str]) -> Iterator[nodes.Name]:
    """The first occurrence of each free name that the template does not set itself somewhere: a name
    that is set in one branch counts as free to Jinja, and is no mistake."""
    seen = {name.name for name in tree.find_all(nodes.Name) if name.ctx != "load"}
    for name in tree.find_all(nodes.Name):
        if name.ctx == "load" and name.name in names and name.name not in seen:
            seen.add(name.name)
            yield name


def _quoted_values(tree: nodes.Template, source: Source) -> Iterator[Finding]:
    """A user's value between quotes of a query language (SOQL, SQL, OData): a quote in it ends them."""
    for output in tree.find_all(nodes.Output):
        for before, value, after in zip(output.nodes, output.nodes[1:], output.nodes[2:], strict=False):
            if not isinstance(before, nodes.TemplateData) or not isinstance(after, nodes.TemplateData):
                continue
            quoted = before.data.endswith("'") and after.data.startswith("'")
            if quoted and not isinstance(value, nodes.TemplateData) and _reads_user(value):
                yield _at(
                    source,
                    value,
                    "a user's value stands between quotes of another query language: a quote in it ends them",
                    "user",
                    'add `| replace("\'", "")`, or what that language takes as an escape',
                )


def _reads_user(value: nodes.Expr) -> bool:
    names = [value] if isinstance(value, nodes.Name) else list(value.find_all(nodes.Name))
    guarded = isinstance(value, nodes.Filter) and value.name == "replace"
    return not guarded and any(name.name in ("user", "pathParams") for name in names)


def lines_of(tree: nodes.Template, source: Source, names: Iterable[str]) -> dict[str, int]:
    """In which line each free name first stands."""
    return {name.name: source.at(name.lineno)[0] for name in _in_order(tree, frozenset(names))}


def _at(source: Source, node: nodes.Node, message: str, word: str, hint: str | None) -> Finding:
    line, tag = source.at(node.lineno)
    if tag is None:
        return Finding("", message, line, expression=word, hint=hint)
    places = [(line, column) for name, line, column in tag.names if name == word]
    place = next((place for place in places if place[0] >= line), (line, tag.column))
    return Finding("", message, place[0], place[1], tag.text[:MOST_SHOWN], hint)


def _nearest(name: str, known: Iterable[str]) -> str | None:
    found = difflib.get_close_matches(name[:MOST_SHOWN], list(known), 1)
    return f"did you mean `{found[0]}`?" if found else None


def _first(found: Iterator[Finding]) -> list[Finding]:
    return [finding for finding, _ in zip(found, range(MOST_FINDINGS), strict=False)]
