"""The guarded Jinja environment; the only file that imports Jinja (REFERENCE section 4, design section 9).

Three things differ from stock Jinja. Every value is kept as a value until the writer of its place
writes it (`pieces`). Every operation is paid for from the render's budget (`limits`, `operations`).
A look-up that finds nothing is remembered, chains, prints nothing and is caught by `default`.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import jinja2.exceptions
from jinja2 import ChainableUndefined, nodes, pass_context, pass_environment
from jinja2.filters import FILTERS as DEFAULT_FILTERS
from jinja2.meta import find_undeclared_variables
from jinja2.runtime import LoopContext, Macro
from jinja2.sandbox import SandboxedEnvironment
from jinja2.tests import TESTS as DEFAULT_TESTS
from jinja2.utils import Cycler, Joiner, Namespace, missing
from jinja2.visitor import NodeTransformer

from sealgate.caller import ProfileFields, User
from sealgate.errors import VariableNotFound
from sealgate.findings import Finding
from sealgate.templates.context import Context, ResponseView
from sealgate.templates.limits import Budget, LimitExceeded
from sealgate.templates.operations import binary, method_allowed, pay_for_method
from sealgate.templates.pieces import Pieces, Value, Written
from sealgate.templates.writers import Missing

__all__ = [
    "DEFAULT_FILTERS",
    "DEFAULT_TESTS",
    "NodeTransformer",
    "find_undeclared_variables",
    "nodes",
    "pass_environment",
]

TemplateSyntaxError = jinja2.exceptions.TemplateSyntaxError
Function = Callable[..., Any]
MAX_RANGE = 100_000
RECORDS = (User, ProfileFields, ResponseView)
"""Our own values that templates look into; all their public attributes are theirs to see."""


@dataclass(slots=True)
class Render:
    """The render that the running code belongs to. `lines` says in which line a name first stands."""

    context: Context
    budget: Budget
    lines: Mapping[str, int]
    reported: set[str] = field(default_factory=set)

    def missed(self, path: str, line: int | None) -> None:
        """Record a look-up that found nothing, once."""
        if path not in self.reported:
            self.reported.add(path)
            message = f"`{path}` is not there and printed nothing"
            line = line or self.lines.get(path)
            self.context.missing.append(Finding("", message, line, expression=path))


_render: ContextVar[Render] = ContextVar("render")


def current() -> Render:
    """The render that is going on."""
    return _render.get()


@contextmanager
def rendering(render: Render) -> Iterator[None]:
    """Make this the current render."""
    token = _render.set(render)
    try:
        yield
    finally:
        _render.reset(token)


class Undefined(ChainableUndefined, Missing):
    """A look-up that found nothing: `path` is its text, `line` where it stands. Printing or looping
    over it records it."""

    __slots__ = ("line", "path")

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = missing,
        name: str | None = None,
        exc: type[jinja2.exceptions.TemplateRuntimeError] = jinja2.exceptions.UndefinedError,
        path: str | None = None,
    ) -> None:
        super().__init__(hint, obj, name, exc)
        self.path = path or str(name)
        self.line: int | None = None

    def __getattr__(self, name: str) -> Any:
        if name[:2] == name[-2:] == "__":
            raise AttributeError(name)
        return self._beyond(f"{self.path}.{name}")

    def __getitem__(self, key: Any) -> Any:
        return self._beyond(f"{self.path}[{key!r}]" if isinstance(key, (str, int)) else self.path)

    def _beyond(self, path: str) -> Undefined:
        return type(self)(name=self._undefined_name, path=path)

    def used(self) -> None:
        """What is done with it needs a value."""
        current().missed(self.path, self.line)

    def __str__(self) -> str:
        self.used()
        return ""

    def __iter__(self) -> Iterator[Any]:
        self.used()
        return iter(())

    def __len__(self) -> int:
        self.used()
        return 0


class VariableUndefined(Undefined):
    """`get_variable` of a name that is not there: `default` catches it, anything else fails."""

    __slots__ = ()

    def used(self) -> None:
        raise VariableNotFound(self._undefined_hint or f"there is no variable {self.path!r}")

    def _beyond(self, path: str) -> Undefined:
        return self

    def __bool__(self) -> bool:
        return False


class Nothing(Undefined):
    """What `{{ x if condition }}` gives without an `else`: nothing was looked up."""

    __slots__ = ()

    def used(self) -> None:
        pass


class Environment(SandboxedEnvironment):
    """Sandboxed, with our guards. One for all templates; a render's state is in the ContextVar."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})
    concat = staticmethod(Pieces.of)

    def __init__(
        self, filters: Mapping[str, Callable[..., Any]], tests: Mapping[str, Callable[..., Any]]
    ) -> None:
        super().__init__(
            trim_blocks=True,
            optimized=False,
            autoescape=False,
            undefined=Undefined,
            finalize=finalize,
            cache_size=0,
        )
        self.filters = dict(filters)
        self.tests = dict(tests)
        self.globals = {
            "range": bounded_range,
            "dict": bounded_dict,
            "namespace": Namespace,
            "cycler": Cycler,
            "joiner": Joiner,
        }

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        return binary(current().budget, operator, left, right)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if attr.startswith("_"):
            return False
        if isinstance(obj, (*RECORDS, Namespace, LoopContext, Cycler, Joiner)):
            return True
        return method_allowed(obj, attr)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A key of an object wins over a method of the same name: everyone writes `data.items`."""
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        if isinstance(obj, Undefined):
            return obj._beyond(f"{obj.path}.{attribute}")
        found = getattr(obj, attribute, None) if isinstance(attribute, str) else None
        if found is not None and self.is_safe_attribute(obj, attribute, found):
            return found
        if isinstance(obj, RECORDS) and attribute in type(obj).__slots__:
            return found
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(argument, tuple):
            current().budget.walk(argument)
        if isinstance(obj, Undefined):
            return obj[argument]
        try:
            if isinstance(obj, (Mapping, list, tuple, str, range)):
                return obj[argument]
        except (LookupError, TypeError):
            pass
        if isinstance(argument, str):
            return self.getattr(obj, argument)
        return self.undefined(obj=obj, name=str(argument))

    def call(self, context: Any, obj: Any, *args: Any, **kwargs: Any) -> Any:
        budget = current().budget
        budget.spend(1)
        # What Jinja hands to functions that take its context; none of ours does.
        kwargs.pop("_loop_vars", None)
        kwargs.pop("_block_vars", None)
        if isinstance(obj, types.BuiltinMethodType) and not isinstance(obj.__self__, types.ModuleType):
            owner, name = obj.__self__, obj.__name__
            if not method_allowed(owner, name):
                raise TypeError(f"{name}() cannot be called here")
            pay_for_method(budget, owner, name, args, kwargs)
            return obj(*args, **kwargs)
        if isinstance(obj, Undefined):
            obj.used()
            raise TypeError(f"{obj.path}() is not a function that templates have")
        if not callable_by_templates(obj):
            raise TypeError(f"a {type(obj).__name__} is not a function")
        for argument in (*args, *kwargs.values()):
            budget.walk(argument)
        return obj(*args, **kwargs)


def callable_by_templates(obj: Any) -> bool:
    """Our own functions, macros, and the helpers that templates make and call."""
    if isinstance(obj, (Macro, LoopContext, Joiner)) or obj in (Namespace, Cycler, Joiner):
        return True
    owner = getattr(obj, "__self__", None)
    return isinstance(owner, (LoopContext, Cycler, ProfileFields)) or getattr(obj, "for_templates", False)


def for_templates(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a function as one that templates may call."""
    function.for_templates = True  # type: ignore[attr-defined]
    return function


@for_templates
def bounded_range(*args: int) -> range:
    """`range`, of at most 100,000 numbers."""
    numbers = range(*args)
    try:
        length = len(numbers)
    except OverflowError:
        length = MAX_RANGE + 1
    if length > MAX_RANGE:
        raise LimitExceeded(f"a range has at most {MAX_RANGE:,} numbers")
    return numbers


@for_templates
def bounded_dict(*args: Any, **kwargs: Any) -> dict[str, Any]:
    """`dict`, of what was walked before."""
    return dict(*args, **kwargs)


@pass_context
def finalize(_: Any, value: Any) -> str:
    """Keep what is printed as a value. Taking the context keeps Jinja from computing at compile time."""
    current().budget.spend(2)
    if isinstance(value, (Written, Pieces)):
        return value
    if isinstance(value, Undefined):
        value.used()
    return Value.of(value)
