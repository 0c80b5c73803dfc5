"""Response templates as plain Python: text, look-ups in parsed JSON, loops, conditions (decision 0010).

Most response templates walk through parsed JSON and write it as JSON again. Their text alone tells where each
value stands, inside a string or not, and what a round of a loop may take; so both are settled when the
template is compiled. Whatever is not known here leaves the template to the ordinary way. Whatever a run meets
that was not foreseen (a member that is not there, an object where a list was meant, a limit) raises: the
ordinary way then renders it from the start, and says what is wrong and where.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sealgate.templates.context import RequestView, ResponseView
from sealgate.templates.environment import nodes, passed_to
from sealgate.templates.filters import FILTERS
from sealgate.templates.guarding import steps_of
from sealgate.templates.limits import Budget
from sealgate.templates.row_values import RUNTIME, SHORT, Unforeseen
from sealgate.templates.writers import Place

Rows = Callable[[Mapping[str, Any], Budget], str]
"""Renders from the names that the template reads. Raises Unforeseen, or what a filter or Python raises."""

RECORDS: Mapping[str, tuple[str, ...]] = {
    "response": ResponseView.__slots__,
    "request": RequestView.__slots__,
    "steps": ResponseView.__slots__,
}
MOST_AT_ONCE = 32
"""Pieces that are made before the length of the output is judged."""
LOOP = {
    "first": "{i} == 0", "last": "{i} == {n} - 1", "index": "{i} + 1", "index0": "{i}", "length": "{n}",
    "revindex": "{n} - {i}", "revindex0": "{n} - {i} - 1",
}  # fmt: skip
COMPARISONS = {
    "eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">=", "in": "in", "notin": "not in",
}  # fmt: skip
OPERATORS = {nodes.Add: "+", nodes.Sub: "-", nodes.Mul: "*", nodes.Div: "/", nodes.FloorDiv: "//"}


def row_template(tree: nodes.Template, available: frozenset[str]) -> Rows | None:
    """The template as a function; `None` when there is something in it that is not known here.
    `available` are the names of its field."""
    compiler = _Compiler(available)
    try:
        compiler.template(tree)
        names = {**RUNTIME, **compiler.constants, "environment": tree.environment}
        exec(compile("\n".join(compiler.lines), "<rows>", "exec"), names)  # noqa: S102  # our own text alone
    except (Unforeseen, SyntaxError, RecursionError, MemoryError):
        return None
    rows: Rows = names["rows"]
    return rows


@dataclass(frozen=True, slots=True)
class _Scope:
    """The Python names of what the template sets, and of the innermost loop's round and length."""

    names: Mapping[str, str]
    loop: Mapping[str, str] = field(default_factory=dict)


class _Compiler:
    """Writes the function line by line. From the template come only texts and keys, by their `repr`; every
    name is made here."""

    def __init__(self, available: frozenset[str]) -> None:
        self.lines: list[str] = []
        self.constants: dict[str, Any] = {}
        self._available = available
        self._place = Place()
        self._shown = False
        self._indent = 0
        self._made = 0
        self._text: list[str] = []

    def template(self, tree: nodes.Template) -> None:
        self._line("def rows(known, budget):")
        with self._deeper():
            for line in ("out = []", "room = budget.limits.output"):
                self._line(line)
            self._line(f"budget.spend({_price(tree.body)})")
            names: dict[str, str] = {}
            for statement in tree.body:
                if isinstance(statement, nodes.Assign):
                    self._assign(statement, names)
                else:
                    self._statement(statement, _Scope(names))
            self._flush()
            self._line("return whole(out)")

    # -- statements --------------------------------------------------------------------------------

    def _assign(self, statement: nodes.Assign, names: dict[str, str]) -> None:
        if not isinstance(statement.target, nodes.Name):
            raise Unforeseen
        value = self._value(statement.node, _Scope(names))
        names[statement.target.name] = self._keep(value)

    def _statement(self, statement: nodes.Node, scope: _Scope) -> None:
        match statement:
            case nodes.Output():
                for node in statement.nodes:
                    self._print(node, scope)
            case nodes.For(target=nodes.Name(name=name), else_=[], recursive=False) if (
                name not in scope.names
            ):
                self._loop(statement, name, scope)
            case nodes.If():
                self._flush()
                self._branches(statement, scope)
            case _:
                raise Unforeseen

    def _loop(self, statement: nodes.For, name: str, scope: _Scope) -> None:
        self._flush()
        items = self._keep(f"only_list({self._value(statement.iter, scope)})")
        item, number, length = self._new(), self._new(), self._new()
        inner = _Scope({**scope.names, name: item})
        price = _price(statement.body)
        if statement.test is not None:
            self._line(f"budget.spend(len({items}) * {_price([statement.test])})")
            self._line(f"{items} = [{item} for {item} in {items} if {self._test(statement.test, inner)}]")
        self._line(f"{length} = len({items})")
        self._line(f"budget.spend({length} * {price})")
        self._line(f"for {number}, {item} in enumerate({items}):")
        with self._deeper():
            self._body(statement.body, _Scope(inner.names, {"i": number, "n": length}))

    def _branches(self, statement: nodes.If, scope: _Scope) -> None:
        for word, branch in (("if", statement), *(("elif", other) for other in statement.elif_)):
            self._line(f"{word} {self._test(branch.test, scope)}:")
            with self._deeper():
                self._body(branch.body, scope)
        self._line("else:")
        with self._deeper():
            self._body(statement.else_, scope)

    def _body(self, statements: list[nodes.Node], scope: _Scope) -> None:
        """What may run or not, or many times: the place behind it is the place before it."""
        before = self._place
        for statement in statements:
            self._statement(statement, scope)
        self._flush()
        self._line("pass")
        if self._place != before:
            raise Unforeseen

    # -- output ------------------------------------------------------------------------------------

    def _print(self, node: nodes.Node, scope: _Scope) -> None:
        if isinstance(node, nodes.TemplateData):
            if not self._shown and node.data.strip():
                # The first text shows the dialect; where it is not certain to be printed, it does not.
                if self._indent > 1 or node.data.lstrip()[0] not in "{[":
                    raise Unforeseen
                self._shown = True
            self._place = self._place.after(node.data)
            self._text.append(_braced(node.data))
            return
        if not self._shown or self._place.begun:
            raise Unforeseen
        self._text.append(f"{{{self._keep(self._written(node, scope))}}}")
        if len(self._text) > MOST_AT_ONCE:
            self._flush()

    def _written(self, node: nodes.Node | None, scope: _Scope) -> str:
        """Python for the text of an expression, written for its place."""
        in_string = self._place.in_string
        match node:
            case None:
                return "''"
            case nodes.Const(value=str() as text):
                if self._place.after(text) != self._place:
                    raise Unforeseen
                return repr(text)
            case nodes.CondExpr():
                test = self._test(node.test, scope)
                return (
                    f"({self._written(node.expr1, scope)} if {test} else {self._written(node.expr2, scope)})"
                )
            case nodes.Filter(name="tojson", args=[], kwargs=[], dyn_args=None, dyn_kwargs=None):
                text = f"tojson_text({self._value(node.node, scope)})"
                return f"inside({text})" if in_string else text
            case nodes.Or(right=nodes.Const(value="")):
                raise Unforeseen
        kept, value = self._new(), self._value(node, scope)
        if in_string:
            short = f"type({kept} := {value}) is str and len({kept}) < {SHORT}"
            return f"(quoted({kept})[1:-1] if {short} else written_inside({kept}))"
        return f"({kept} if type({kept} := {value}) is int else written_outside({kept}))"

    # -- expressions -------------------------------------------------------------------------------

    def _value(self, node: nodes.Node | None, scope: _Scope) -> str:
        """Python for the value of an expression."""
        match node:
            case nodes.Const(value=value):
                return self._constant(value)
            case nodes.Name(name=name) if name in scope.names:
                return scope.names[name]
            case nodes.Getattr(node=nodes.Name(name="loop"), attr=name) if scope.loop and name in LOOP:
                return f"({LOOP[name].format_map(scope.loop)})"
            case nodes.Getattr():
                return self._member(node, scope) or f"{self._value(node.node, scope)}[{node.attr!r}]"
            case nodes.Getitem(arg=nodes.Const(value=str() | int() as key)) if not isinstance(key, bool):
                return f"{self._value(node.node, scope)}[{key!r}]"
            case nodes.CondExpr() if node.expr2 is not None:
                test, one = self._test(node.test, scope), self._value(node.expr1, scope)
                return f"({one} if {test} else {self._value(node.expr2, scope)})"
            case nodes.Or():
                return f"({self._found(node.left, scope)} or {self._value(node.right, scope)})"
            case nodes.List():
                return f"[{', '.join(self._value(item, scope) for item in node.items)}]"
            case nodes.Concat():
                return f"joined_text([{', '.join(self._value(part, scope) for part in node.nodes)}])"
            case nodes.Not() | nodes.Compare():
                return self._test(node, scope)
            case nodes.BinExpr() if type(node) in OPERATORS:
                left, right = self._value(node.left, scope), self._value(node.right, scope)
                return f"binary(budget, {OPERATORS[type(node)]!r}, {left}, {right})"
            case nodes.Filter():
                return self._filtered(node, scope)
        raise Unforeseen

    def _test(self, node: nodes.Node | None, scope: _Scope) -> str:
        """Python for whether an expression is true: what is not there is false."""
        match node:
            case nodes.Not():
                return f"(not {self._test(node.node, scope)})"
            case nodes.And() | nodes.Or():
                word = "and" if isinstance(node, nodes.And) else "or"
                return f"({self._test(node.left, scope)} {word} {self._test(node.right, scope)})"
            case nodes.Compare():
                first = self._operand(node.expr, scope)
                rest = [f"{COMPARISONS[part.op]} {self._operand(part.expr, scope)}" for part in node.ops]
                return f"({' '.join([first, *rest])})"
        return self._found(node, scope)

    def _operand(self, node: nodes.Expr, scope: _Scope) -> str:
        value = self._value(node, scope)
        return value if isinstance(node, nodes.Const) else f"compared({value})"

    def _found(self, node: nodes.Node | None, scope: _Scope) -> str:
        """Python for a value, `None` for a look-up that finds nothing."""
        keys: list[str] = []
        link = node
        while isinstance(link, nodes.Getattr) and not self._member(link, scope):
            if isinstance(link.node, nodes.Name) and link.node.name == "loop":
                break
            keys.insert(0, link.attr)
            link = link.node
        value = self._value(link, scope)
        return f"found({value}, {', '.join(map(repr, keys))})" if keys else value

    def _member(self, node: nodes.Getattr, scope: _Scope) -> str | None:
        """Python for a member of one of our own values: `response.body`, `steps.first.body`."""
        match node:
            case nodes.Getattr(node=nodes.Name(name="response" | "request" as name), attr=attr):
                owner = f"known[{name!r}]"
            case nodes.Getattr(
                node=nodes.Getattr(node=nodes.Name(name="steps" as name), attr=step), attr=attr
            ):
                owner = f"known['steps'][{step!r}]"
            case _:
                return None
        if name in scope.names or name not in self._available or attr not in RECORDS[name]:
            return None
        return f"{owner}.{attr}"

    def _filtered(self, node: nodes.Filter, scope: _Scope) -> str:
        takes = passed_to(FILTERS[node.name])
        if takes == "context" or node.name == "safe" or node.dyn_args or node.dyn_kwargs:
            raise Unforeseen
        read = self._found if node.name in ("default", "d") else self._value
        args = ["environment"] if takes else []
        args += [read(node.node, scope), *(self._value(arg, scope) for arg in node.args)]
        args += [f"**{{{pair.key!r}: {self._value(pair.value, scope)}}}" for pair in node.kwargs]
        return f"FILTERS[{node.name!r}]({', '.join(args)})"

    # -- lines -------------------------------------------------------------------------------------

    def _flush(self) -> None:
        """Write out what was printed since the last time."""
        if self._text:
            kept = self._keep("f" + repr("".join(self._text)))
            self._text.clear()
            for line in (f"room -= len({kept})", "if room < 0: raise Unforeseen", f"out.append({kept})"):
                self._line(line)

    def _keep(self, expression: str) -> str:
        kept = self._new()
        self._line(f"{kept} = {expression}")
        return kept

    def _constant(self, value: Any) -> str:
        """A name for it: Python warns of some expressions of literals, such as `1 in 2`."""
        name = f"c{len(self.constants)}"
        self.constants[name] = value
        return name

    def _new(self) -> str:
        self._made += 1
        return f"v{self._made}"

    def _line(self, text: str) -> None:
        self.lines.append(" " * self._indent + text)

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        self._indent += 1
        yield
        self._indent -= 1


def _price(body: list[Any]) -> int:
    """Steps of running a body once: what the ordinary way takes for a round and for what is printed."""
    return steps_of(body) + 2 * sum(map(_printed, body))


def _printed(statement: nodes.Node) -> int:
    """How many values a statement prints; a loop pays for its own."""
    if isinstance(statement, nodes.Output):
        return sum(not isinstance(node, nodes.TemplateData) for node in statement.nodes)
    if isinstance(statement, nodes.If):
        return sum(map(_printed, statement.iter_child_nodes()))
    return 0


def _braced(text: str) -> str:
    """Text as it stands in an f-string."""
    return text.replace("{", "{{").replace("}", "}}")
