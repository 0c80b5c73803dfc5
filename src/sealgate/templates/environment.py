"""The guarded Jinja environment; the only file that imports Jinja (REFERENCE section 4, design section 9).

Three things differ from stock Jinja. Every value is kept as a value until the writer of its place
writes it (`pieces`). Every operation is paid for from the render's budget (`limits`, `operations`).
A look-up that finds nothing is remembered, chains, prints nothing and is caught by `default`.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping
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
from sealgate.templates.context import RequestView, ResponseView
from sealgate.templates.data import concat
from sealgate.templates.limits import SHOWN, LimitExceeded, Refused
from sealgate.templates.operations import binary, call_method, method_allowed
from sealgate.templates.pieces import Pieces, Value, Written
from sealgate.templates.rendering import current
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
TemplateRuntimeError = jinja2.exceptions.TemplateRuntimeError
Function = Callable[..., Any]
MAX_RANGE = 100_000
RECORDS = (User, ProfileFields, ResponseView, RequestView)
"""Our own values that templates look into: their members, and `by_id`."""


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
        self.path = path or str(name)[:SHOWN]
        self.line: int | None = None

    def __getattr__(self, name: str) -> Any:
        if name[:2] == name[-2:] == "__":
            raise AttributeError(name)
        return self._beyond(name)

    def __getitem__(self, key: Any) -> Any:
        return self._beyond(key)

    def _beyond(self, key: Any) -> Undefined:
        """A look-up in what is not there."""
        shown = current().known(key) or "…"
        path = f"{self.path}.{shown}" if len(self.path) <= SHOWN else self.path
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

    def __init__(self, hint: str) -> None:
        super().__init__(hint, name="get_variable(…)")

    def used(self) -> None:
        raise VariableNotFound(self._undefined_message)

    def _fail_with_undefined_error(self, *_: Any, **__: Any) -> Any:
        self.used()

    def _beyond(self, key: Any) -> Undefined:
        return self

    def __eq__(self, other: object) -> bool:
        self.used()
        return False

    __hash__ = Undefined.__hash__
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _fail_with_undefined_error
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = _fail_with_undefined_error
    __mod__ = __rmod__ = __pow__ = __rpow__ = __pos__ = __neg__ = _fail_with_undefined_error
    __lt__ = __le__ = __gt__ = __ge__ = __int__ = __float__ = _fail_with_undefined_error


class Nothing(Undefined):
    """What `{{ x if condition }}` gives without an `else`: nothing was looked up."""

    __slots__ = ()

    def used(self) -> None:
        pass


class Environment(SandboxedEnvironment):
    """Sandboxed, with our guards. One for all templates; a render's state is in the ContextVar."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(
        self,
        filters: Mapping[str, Function],
        tests: Mapping[str, Function],
        unnamed: frozenset[str],
    ) -> None:
        """`unnamed` filters are for the compiler: a template cannot name them in a text."""
        super().__init__(
            trim_blocks=True,
            optimized=False,
            autoescape=False,
            undefined=Undefined,
            finalize=finalize,
            cache_size=0,
        )
        self.concat = concat  # type: ignore[method-assign]
        self.filters = dict(filters)
        self.tests = dict(tests)
        self.unnamed = unnamed
        self.globals = {
            "range": bounded_range,
            "dict": bounded_dict,
            "namespace": bounded_namespace,
            "cycler": Cycler,
            "joiner": Joiner,
        }

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        return binary(current().budget, operator, left, right)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if attr.startswith("_"):
            return False
        if isinstance(obj, RECORDS):
            return attr in obj.__slots__ or isinstance(obj, ProfileFields)
        if isinstance(obj, (Namespace, LoopContext, Cycler, Joiner)):
            return True
        return method_allowed(obj, attr)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A key of an object wins over a method of the same name: everyone writes `data.items`."""
        if isinstance(obj, (dict, Mapping)) and attribute in obj:
            return obj[attribute]
        if isinstance(obj, Undefined):
            return obj._beyond(attribute)
        if not attribute.startswith("_"):
            found = getattr(obj, attribute, missing)
            if found is not missing and self.is_safe_attribute(obj, attribute, found):
                return found
        return self._nothing_at(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        budget = current().budget
        budget.spend(1)
        if isinstance(argument, tuple):
            budget.walk(argument)
        if isinstance(obj, Undefined):
            return obj[argument]
        try:
            if isinstance(obj, (dict, list, tuple, str, bytes, range, Mapping)):
                return obj[argument]
        except (LookupError, TypeError):
            pass
        if isinstance(argument, str):
            return self.getattr(obj, argument)
        return self._nothing_at(obj, argument)

    def _nothing_at(self, obj: Any, key: Any) -> Undefined:
        shown = current().known(key) or "…"
        return Undefined(obj=obj, name=shown, path=f"(…).{shown}")

    def call(self, context: Any, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        budget = current().budget
        budget.spend(1)
        # What Jinja hands to functions that take its context; none of ours does.
        kwargs.pop("_loop_vars", None)
        kwargs.pop("_block_vars", None)
        if isinstance(obj, types.BuiltinMethodType):
            return call_method(budget, obj, args, kwargs)
        if isinstance(obj, Undefined):
            obj.used()
            raise Refused(f"{obj.path}() is not a function that templates have")
        if not callable_by_templates(obj):
            raise Refused(f"a {type(obj).__name__} is not a function")
        for argument in (*args, *kwargs.values()):
            budget.walk(argument)
        return obj(*args, **kwargs)

    def call_filter(self, name: Any, value: Any, *args: Any, **kwargs: Any) -> Any:
        """A filter whose name is a value: `map('upper')`. What is refused in the source is refused here."""
        if not isinstance(name, str) or name not in self.filters or name in self.unnamed:
            raise Refused("map() takes the name of a filter that it may use")
        return super().call_filter(name, value, *args, **kwargs)

    def call_test(self, name: Any, value: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(name, str) or name not in self.tests:
            raise Refused("select() and reject() take the name of a test")
        return super().call_test(name, value, *args, **kwargs)


def callable_by_templates(obj: Any) -> bool:
    """Our own functions, macros, and the helpers that templates make and call."""
    if isinstance(obj, (Macro, LoopContext, Joiner)) or obj in (Cycler, Joiner):
        return True
    owner = getattr(obj, "__self__", None)
    return isinstance(owner, (LoopContext, Cycler, ProfileFields)) or getattr(obj, "for_templates", False)


def for_templates(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a function as one that templates may call."""
    function.for_templates = True  # type: ignore[attr-defined]
    return function


def passed_to(function: Function) -> str | None:
    """What Jinja passes to a filter before the value: `context`, `environment` or nothing."""
    passed = getattr(function, "jinja_pass_arg", None)
    return None if passed is None else str(passed.name)


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
    current().budget.objects(len(kwargs) + sum(len(argument) for argument in args))
    return dict(*args, **kwargs)


@for_templates
def bounded_namespace(*args: Any, **kwargs: Any) -> Namespace:
    """`namespace`, which a loop may assign to."""
    return Namespace(bounded_dict(*args, **kwargs))


@pass_context
def finalize(_: Any, value: Any) -> str:
    """Keep what is printed as a value. Taking the context keeps Jinja from computing at compile time."""
    current().budget.spend(2)
    if isinstance(value, (Written, Pieces)):
        return value
    if isinstance(value, Undefined):
        value.used()
    return Value.of(value)
