"""Rewrite a parsed template so that every operation asks first.

Jinja's sandbox sees calls, attributes and operators. It does not see `~`, comparisons, slices, keys,
loop rounds, and which constants are the template's own text: a filter of ours is put around each.
"""

from __future__ import annotations

from typing import Any

from sealgate.templates.environment import NodeTransformer, nodes
from sealgate.templates.source import Source


def guard(tree: nodes.Template, source: Source) -> nodes.Template:
    """The same template, guarded. Changes `tree`, which was parsed from `source.spread`."""
    guarded: nodes.Template = _Guarding(source).visit(tree)
    return guarded


def _filter(node: nodes.Expr | None, name: str, *args: Any) -> nodes.Filter:
    line = node.lineno if node is not None else 0
    constants = [nodes.Const(arg, lineno=line) for arg in args]
    filtered = nodes.Filter(node, name, constants, [], None, None, lineno=line)
    if node is not None and node.environment is not None:
        filtered.set_environment(node.environment)
    return filtered


class _Guarding(NodeTransformer):
    def __init__(self, source: Source) -> None:
        self._source = source

    def visit_For(self, node: nodes.For) -> nodes.Node:
        tick = _tick(node.body, node.lineno)
        begins = _tick([node.test], node.lineno) if node.test is not None else None
        self.generic_visit(node)
        node.body.insert(0, nodes.ExprStmt(tick, lineno=node.lineno))
        if begins is not None:
            node.test = nodes.And(begins, node.test, lineno=node.lineno)
        return node

    def visit_Macro(self, node: nodes.Macro) -> nodes.Node:
        tick = _tick(node.body + node.defaults, node.lineno)
        self.generic_visit(node)
        node.body.insert(0, nodes.ExprStmt(tick, lineno=node.lineno))
        return node

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        return self._arguments(node)

    def visit_Filter(self, node: nodes.Filter) -> nodes.Node:
        return self._arguments(node)

    def visit_Test(self, node: nodes.Test) -> nodes.Node:
        return self._arguments(node)

    def _arguments(self, node: Any) -> nodes.Node:
        self.generic_visit(node)
        for name in ("dyn_args", "dyn_kwargs"):
            value = getattr(node, name)
            if value is not None:
                setattr(node, name, _filter(value, "_spread"))
        guarded: nodes.Node = node
        return guarded

    def visit_Output(self, node: nodes.Output) -> nodes.Node:
        node.nodes = [_literals(child) for child in node.nodes]
        self.generic_visit(node)
        return node

    def visit_CondExpr(self, node: nodes.CondExpr) -> nodes.Node:
        self.generic_visit(node)
        if node.expr2 is None:
            node.expr2 = _filter(nodes.Const(None, lineno=node.lineno), "_nothing")
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        return _filter(nodes.List(node.nodes, lineno=node.lineno), "_joined")

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:
        self.generic_visit(node)
        node.expr = _walked(node.expr)
        for operand in node.ops:
            operand.expr = _walked(operand.expr)
        return node

    def visit_Pair(self, node: nodes.Pair) -> nodes.Node:
        self.generic_visit(node)
        node.key = _walked(node.key)
        return node

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Node:
        return self._chain(node)

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:
        return self._chain(node)

    def _chain(self, node: nodes.Getattr | nodes.Getitem) -> nodes.Node:
        text = chain_text(node)
        self._descend(node)
        if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Slice):
            return _filter(node, "_cut")
        return _filter(node, "_placed", text, self._source.at(node.lineno)[0])

    def _descend(self, node: nodes.Getattr | nodes.Getitem) -> None:
        """Visit what a chain of look-ups begins with and the keys in it; the links stay bare."""
        link: Any = node
        while True:
            if isinstance(link, nodes.Getitem):
                link.arg = self.visit(link.arg)
                if isinstance(link.arg, nodes.Slice) or isinstance(_slice_of(link.node), nodes.Slice):
                    link.node = self.visit(link.node)
                    return
            if not isinstance(link.node, (nodes.Getattr, nodes.Getitem)):
                link.node = self.visit(link.node)
                return
            link = link.node


def _tick(body: list[Any], line: int) -> nodes.Filter:
    return _filter(nodes.Const(None, lineno=line), "_tick", steps_of(body))


def steps_of(body: list[Any]) -> int:
    """What a body costs by itself, each time it runs; a loop or a macro in it pays for its own."""
    pending, count = list(body), 0
    while pending:
        node = pending.pop()
        count += 1
        if not isinstance(node, (nodes.For, nodes.Macro)):
            pending += node.iter_child_nodes()
    return 1 + count // 4


def _slice_of(node: nodes.Node) -> nodes.Node | None:
    return node.arg if isinstance(node, nodes.Getitem) else None


def _walked(node: nodes.Expr) -> nodes.Expr:
    return node if isinstance(node, nodes.Const) else _filter(node, "_walked")


def _literals(node: nodes.Expr) -> nodes.Expr:
    """Mark the text constants that an output prints as they are, also those of inline conditions."""
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        return _filter(node, "_literal")
    if isinstance(node, nodes.CondExpr):
        node.expr1 = _literals(node.expr1)
        node.expr2 = _literals(node.expr2) if node.expr2 is not None else None
    if isinstance(node, nodes.Or) and isinstance(node.right, nodes.Const) and node.right.value == "":
        # `{{ rows.append(row) or '' }}` prints nothing, also where a text would get quotes.
        node.right = _literals(node.right)
    return node


def chain_text(node: nodes.Expr) -> str:
    """A look-up as it is written, what is no look-up as `(…)`."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{chain_text(node.node)}.{node.attr}"
    if isinstance(node, nodes.Getitem):
        key = repr(node.arg.value) if isinstance(node.arg, nodes.Const) else "…"
        return f"{chain_text(node.node)}[{key}]"
    return "(…)"
