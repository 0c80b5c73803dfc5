# ruff: noqa: E501 (tables of templates)
"""Templates that try to get out, to hang, or to take memory: each ends in an error of ours or in harmless
text, at compile and at run, in little time and memory."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealgate.caller import ProfileFields, User
from sealgate.errors import SealgateError
from sealgate.secret import Secret, reveal
from sealgate.templates import Context, Field, Limits, ResponseView, TemplateInvalid, compile_template

pytestmark = pytest.mark.filterwarnings("ignore::SyntaxWarning")  # Python's, of `none[1]`
FEWER_STEPS = Limits(steps=150_000)  # what hangs does so with any number of steps
SECONDS = 20.0  # only a hang takes that long: most take some milliseconds
LEAK = re.compile(
    r"0x[0-9a-f]{6}|<class|<function|<built-in|<bound|<module|object at|<Namespace|jinja2|User\("
)

DAG = (
    "{% set a = namespace(x=['a']) %}{% set b = namespace(x=['a']) %}"
    "{% for i in range(60) %}{% set a.x = [a.x, a.x] %}{% set b.x = [b.x, b.x] %}{% endfor %}"
)
TUPLES = "{% set a = namespace(x=(1,)) %}{% for i in range(60) %}{% set a.x = (a.x, a.x) %}{% endfor %}"
DEEP = "{% set a = namespace(x=[1]) %}{% for i in range(20000) %}{% set a.x = [a.x] %}{% endfor %}"
BIG = "{% set s = 'a' * 10000000 %}"
WIDE = "{% set s = '\N{PILE OF POO}' * 2500000 %}"
HEXED = "{% set n = ('f' * 9000000) | int(base=16) %}"
MANY = "{% for i in range(100000) %}"


def many(body: str, before: str = "") -> str:
    return f"{before}{MANY}{{% set _ = {body} %}}{{% endfor %}}"


ESCAPES = [
    *(f"{{{{ {value}{path} }}}}"
      for value in ("user", "response", "tenant_id", "[]", "{}", "now", "range", "namespace()", "''", "1")
      for path in (".__class__", "['__class__']", ".__class__.__mro__", ".__init__.__globals__")),
    "{{ [user] | map(attribute='__class__') | list }}",
    "{{ [user] | map(attribute='__class__.__mro__') | join }}",
    "{{ [user] | sort(attribute='__class__') }}",
    "{{ [user, user] | groupby('__class__') }}",
    "{{ [user] | selectattr('__class__') | list }}",
    "{{ [user] | rejectattr('__class__', 'none') | list }}",
    "{{ [1] | sum(attribute='__class__', start='') }}",
    "{{ [user] | join(',', attribute='__class__') }}",
    "{{ [user] | unique(attribute='__class__') | list }}",
    "{{ [user] | min(attribute='__class__') }}",
    "{{ {'a': user} | dictsort }}",
    "{{ [user] | batch(1) }}", "{{ [range] | slice(1) }}", "{{ [now] | list }}", "{{ [now] | first }}",
    "{{ namespace(__class__=1).__class__ }}", "{{ namespace(a=now).a }}", "{{ namespace(a=now) ~ '' }}",
    "{% macro m() %}{{ caller }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, a=2) }}",
    "{% macro m() %}{{ m }}{% endmacro %}{{ m() }}", "{% macro m() %}{% endmacro %}{{ m ~ '' }}",
    "{% macro m() %}{% endmacro %}{{ m._func }}{{ m.name }}{{ m.arguments }}{{ m.__call__ }}",
    "{% macro m() %}{% endmacro %}{{ [m] | string }}", "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(range) }}",
    "{% for x in [1] %}{{ loop }}{% endfor %}", "{% for x in [1] %}{{ loop ~ '' }}{% endfor %}",
    "{% for x in [1] %}{{ loop._iterable }}{{ loop.__init__ }}{{ loop.cycle }}{% endfor %}",
    "{% for x in [1] %}{{ loop() }}{% endfor %}", "{% for x in [1] %}{{ loop.__call__([2]) }}{% endfor %}",
    "{{ cycler(1) }}", "{{ cycler(now).current }}", "{{ cycler(1).__init__ }}", "{{ cycler() }}",
    "{{ joiner() }}", "{{ joiner() ~ '' }}", "{{ joiner(range)() }}", "{{ joiner().__call__ }}",
    "{{ self }}", "{{ self ~ '' }}", "{{ self._TemplateReference__context }}", "{{ self['x'] }}",
    "{{ self.__init__.__globals__ }}", "{{ self[1:2] }}", "{{ super() }}", "{{ caller() }}", "{{ varargs }}",
    "{{ '{0.__class__}'.format(user) }}", "{{ '{a.__class__}'.format_map({'a': user}) }}",
    "{{ ('%' ~ 's') % user }}", "{{ '%s' | format(user) }}", "{{ '%99999999d' is divisibleby(3) }}",
    "{{ '%999999999d' is odd }}", "{{ b'' }}", "{{ ''.encode() }}", "{{ ''.translate }}", "{{ ''.upper }}",
    "{{ ''.upper ~ '' }}", "{{ [''.upper] | join }}", "{{ {}.get | upper }}", "{{ {'a': [].append} | string }}",
    "{{ user ~ '' }}", "{{ user | string }}", "{{ [user] ~ '' }}", "{{ user | tojson }}", "{{ user.from_claims }}",
    "{{ user.from_claims({}) }}", "{{ user.profile_fields }}", "{{ user.profile_fields.by_id }}",
    "{{ user.profile_fields.by_id.__func__ }}", "{{ user.profile_fields.by_id.__self__ }}",
    "{{ now.__globals__ }}", "{{ now.__closure__ }}", "{{ now.for_templates }}", "{{ now ~ '' }}",
    "{{ range.mro() }}", "{{ dict.mro }}", "{{ dict.fromkeys }}", "{{ dict(a=now) }}", "{{ dict(a=now) ~ '' }}",
    "{{ [1].index(now) }}", "{{ {}.pop(now) }}", "{{ {}.pop(joiner()) }}", "{{ [].remove(now) }}",
    "{{ [1] | map('_literal') | list }}", "{{ [1] | map('_tick', 1) | list }}", "{{ x | _literal }}",
    "{{ [1] | map(now) | list }}", "{{ [1] | select(now) | list }}", "{{ [1] | map(none) | list }}",
    "{{ [1] | map('attr', '__class__') | list }}", "{{ x | attr('__class__') }}", "{{ x is filter }}",
    "{% set user.id = 1 %}", "{% set x = user %}{% set x.id = 1 %}", "{% set response.body = 1 %}",
    "{% import 'x' as y %}", "{% include 'x' %}", "{% extends 'x' %}", "{% do 1 %}", "{% debug %}",
    "{% block a %}{% endblock %}{{ self.a() }}", "{% call x() %}{% endcall %}", "{% autoescape 2 ** 9 %}{% endautoescape %}",
    "{{ ().__class__.__bases__[0].__subclasses__() }}", "{{ lipsum() }}", "{{ config }}", "{{ ＿＿class＿＿ }}",
    "{{ user.＿＿class＿＿ }}", "{{ get_ſecret('k') }}", "{{ 1e999 }}", "{{ (-8) ** 0.5 }}", "{{ 1 // 0 }}",
    "{{ now(1e308) }}", "{{ now('x') }}", "{{ range }}", "{{ range(3) }}", "{{ {}.items() }}",
    "{{ user.id.format }}", "{{ response.headers.__setitem__ }}", "{{ {}.items().isdisjoint }}",
    "{{ [3, 1].sort(key=now) }}", "{{ ''.join(now) }}", "{{ now(*now) }}", "{{ now(**now) }}", "{{ dict(**1) }}",
    "{{ namespace(**{'__next__': 1}) | list }}", "{{ namespace(__self__=cycler(1))() }}",
    "{{ namespace(for_templates=true)() }}", "{{ 'a'.decode('zlib') }}", "{{ {}.update }}", "{{ none.x.y }}",
]  # fmt: skip

SLOW = [
    MANY * 5 + "x" + "{% endfor %}" * 5,
    "{% for i in range(100000) if false %}{% endfor %}" * 100,
    f"{MANY}{{% for j in range(100000) if false %}}{{% endfor %}}{{% endfor %}}",
    "{% for x in [[1]] recursive %}{{ loop([[1], [1]]) }}{% endfor %}",
    "{% macro m(n) %}{{ m(n) }}{{ m(n) }}{% endmacro %}{{ m(1) }}",
    "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
    "{% set l = [1] %}{% for x in l %}{% set _ = l.append(x) %}{% endfor %}",
    "{{ range(10 ** 18) | list }}", "{{ range(10 ** 30) }}", "{{ range(0, -(10 ** 30), -1) }}",
    "{{ 2 ** 99999999 }}", "{{ 9 ** 9 ** 9 ** 9 }}", "{{ (2 ** 4000) ** 4000 }}", "{{ 2.0 ** 99999 }}",
    "{% set ns = namespace(x=3) %}" + MANY + "{% set ns.x = ns.x * ns.x %}{% endfor %}",
    HEXED + "{{ n // 3 }}", HEXED + "{{ n * n }}", HEXED + "{{ n }}", HEXED + many("n - 1"), HEXED + "{{ n % 7 }}",
    "{{ 0x" + "f" * 500_000 + " // 3 }}", "{{ " + "9" * 500_000 + " }}", "{{ ('9' * 9000000) | int }}",
    "{{ ('9' * 9000000) | float }}", "{{ '9' | int(base=99) }}", "{{ 1.5 | round(999999999) }}",
    "{{ 1 | round(-999999999) }}", "{{ 1 | round(99999999, 'ceil') }}", "{{ 'a' | center(999999999) }}",
    "{{ 'a'.center(999999999) }}", "{{ 'a'.ljust(10 ** 12) }}", "{{ 'a'.zfill(10 ** 12) }}",
    "{{ 'a' * 10 ** 12 }}", "{{ [1] * 10 ** 12 }}", "{{ (1,) * 10 ** 12 }}", "{{ 'a' | indent(10 ** 9) }}",
    "{{ ('a\\r' * 3000000) | indent(9999) }}", "{{ [1] | batch(10 ** 9, 1) }}", "{{ [1] | slice(10 ** 9) }}",
    many("[1] | batch(10000, 0)"), many("[1] | slice(10000)"), "{{ [1] | batch(0) }}", "{{ [1] | slice(0) }}",
    BIG + many("s.count('b')"), BIG + many("s | wordcount"), BIG + many("s | title"), BIG + many("s.split()"),
    BIG + many("s | upper"), BIG + many("s[1:]"), BIG + many("s | reverse"), BIG + many("'b' in s"),
    BIG + "{{ s.rfind('ab' ~ s[5000000:]) }}", BIG + "{{ s.rsplit('ab' ~ s[5000000:]) }}",
    BIG + "{{ s.strip(('b' * 5000000) ~ 'a') }}", BIG + "{{ s | trim(('b' * 5000000) ~ 'a') }}",
    BIG + "{{ s.replace('a', 'bbbbbbbbbb') }}", BIG + "{{ s | replace('a', 'bbbbbbbbbb') }}",
    BIG + "{{ s.replace('', s) }}", BIG + "{{ s.join(s) }}", BIG + "{{ s | join(s) }}", BIG + "{{ [s, s] | join }}",
    BIG + "{{ ([1] * 100).count(s) }}", BIG + "{{ s | urlencode }}", BIG + "{{ s | truncate(5000000) }}",
    BIG + "{{ s | list }}", BIG + "{{ s | sort }}", BIG + "{{ s | map('upper') | list }}", BIG + "{{ s | select | list }}",
    BIG + "{{ s | unique }}", BIG + "{{ cycler(*s) }}", BIG + "{{ get_variable(s) }}", BIG + "{{ [user] | map(attribute=s) }}",
    "{% set s = 'a.' * 500000 %}{{ range(1000) | map(attribute=s) | list }}",
    "{{ ('<a>' * 3000000) | striptags }}", "{{ ('<!--' * 2000000) | striptags }}", "{{ ('<' * 900000) | striptags }}",
    "{{ ('a ' * 5000000) | title }}", "{{ ('%' * 900000) | urlencode }}",
    *(DAG + use for use in (
        "{{ a.x == b.x }}", "{{ a.x < b.x }}", "{{ a.x in [b.x] }}", "{{ a.x }}", "{{ a.x ~ '' }}", "{{ a.x | string }}",
        "{{ a.x | tojson }}", "{{ a.x | json_encode }}", "{{ a.x | upper }}", "{{ a.x is lower }}", "{{ a.x | urlencode }}",
        "{{ [a.x, b.x] | sort }}", "{{ [a.x, b.x] | min }}", "{{ [a.x, b.x] | max }}", "{{ [a.x, b.x] | unique }}",
        "{{ [a.x, b.x] | select | sort }}", "{{ [a, b] | sort(attribute='x') }}", "{{ [a, b] | groupby('x') }}",
        "{{ [a.x].index(b.x) }}", "{{ [a.x].count(b.x) }}", "{{ [a.x].remove(b.x) }}", "{{ [a.x, b.x].sort() }}",
        "{{ {1: a.x} == {1: b.x} }}", "{{ {1: a.x}.items() == {1: b.x}.items() }}", "{{ {1: a.x}.items() ~ '' }}",
        "{{ a.x is eq(b.x) }}", "{{ [a.x] | select('eq', b.x) | list }}", "{{ b.x in {1: a.x}.values() }}",
        "{{ a ~ '' }}", "{{ [a] | string }}", "{{ a.x | join }}", "{{ [a.x] | join(',') }}", "{{ {1: a.x} | dictsort(by='value') }}",
        "{% for i in [1] %}{{ loop.changed(a.x) }}{{ loop.changed(b.x) }}{% endfor %}", "{{ [a.x, b.x] | sum(start=[]) == b.x }}",
        "{% set x %}{{ a.x }}{% endset %}", "{{ dict(a=a.x) }}", "{{ a.x | base64_encode }}", "{{ a.x | length }}",
    )),
    *(TUPLES + use for use in (
        "{{ {}[a.x] }}", "{{ {a.x: 1} }}", "{{ {}.get(a.x) }}", "{{ {}.setdefault(a.x) }}", "{{ {}.update([[a.x, 1]]) }}",
        "{{ dict([[a.x, 1]]) }}", "{{ [a.x] | unique }}", "{{ a.x in {} }}", "{{ [1] | map(a.x) | list }}",
        "{{ {1: a.x}.items() - {2: a.x}.items() }}", "{{ [1] | select(a.x) | list }}", "{{ {}.pop(a.x, 1) }}",
    )),
    *(DEEP + use for use in ("{{ a.x }}", "{{ a.x == a.x }}", "{{ a.x | tojson }}", "{{ a.x ~ '' }}", "x")),
    "{% set l = [] %}{% set _ = l.append(l) %}{{ l }}", "{% set l = [] %}{% set _ = l.append(l) %}{{ l | tojson }}",
    "{% set l = [] %}{% set _ = l.append(l) %}{{ l == [l] }}", "{% set l = [1] %}" + many("l.extend(l)"),
    "{% set l = [0] * 900000 %}" + many("l.insert(0, 1)"), "{% set l = [0] * 900000 %}" + many("l.pop(0)"),
    "{% set l = [0] * 900000 %}" + many("1 in l"), "{% set l = [0] * 900000 %}" + many("l | sort"),
    "{% set ns = namespace(x=[1]) %}" + MANY + "{% set ns.x = ns.x | select %}{% endfor %}",
    "{% set ns = namespace(x=[1]) %}" + MANY + "{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x }}",
    "{% set ns = namespace(x=[1]) %}" + MANY + "{% set ns.x = ns.x | reverse %}{% endfor %}",
    "{% set g = range(100000) | select %}" + many("'a' in g"), many("'a' in range(100000)"),
    MANY + "{% set _ = user" + ".a" * 1000 + " %}{% endfor %}" , many("+".join(["1"] * 1400)),
    MANY + "{% if " + "not " * 900 + "1 %}{% endif %}{% endfor %}", MANY + "{% set _ = [" + "[]," * 900 + "] %}{% endfor %}",
    many("jwt_encode({}, 'k')"), many("now()"), "{{ ('[' * 3000000) | from_json }}", "{{ ('[],' * 3000000) | from_json }}",
    "{{ ('1' * 9000) | from_json }}", "{{ '[NaN]' | from_json }}", "{{ ('a' * 1000000) | base64_decode }}",
    "{{ body_raw.decode('punycode') }}", "{{ ('é' * 1000000).title() | length }}", "{{ ['a'] | tojson(indent=99999) }}",
    "{% set a = namespace(x=[1]) %}{% for i in range(150) %}{% set a.x = [a.x] %}{% endfor %}{{ ([a.x] * 9000) | tojson(indent=16) }}",
]  # fmt: skip

LARGE = [
    "{% set l = [] %}{% for i in range(1000) %}{% set _ = l.append('a' * 10000000 ~ i) %}{% endfor %}",
    "{% set l = [] %}{% for i in range(9999) %}{% set _ = l.append('a' * 1000000 ~ i) %}{% endfor %}",
    WIDE + "{% set l = [] %}{% for i in range(1000) %}{% set _ = l.append(s ~ i) %}{% endfor %}",
    WIDE + "{{ s | list | length }}", WIDE + "{{ [].extend(s) }}", WIDE + "{{ s | map('string') | list }}",
    BIG + "{% set l = [] %}{% for i in range(1000) %}{% set _ = l.append(s[1:]) %}{% endfor %}",
    BIG + "{% set x %}{% for i in range(1000) %}{{ s }}{% endfor %}{% endset %}",
    BIG + "{{ ([s] * 90) | tojson }}", BIG + "{{ ([s] * 90) ~ '' }}", BIG + "{{ ([s[:1000000]] * 900) | sort | length }}",
    BIG + "{% for i in range(1000) %}{{ s }}{% endfor %}", BIG + "{{ jwt_encode({'a': [s] * 90}, 'k') }}",
    "{% set x %}{% for i in range(100000) %}{{ i }}{{ i }}{% endfor %}{% endset %}{{ x | length }}",
    "{% set x %}a{% endset %}" + "{% set x %}{{ x }}{{ x }}{% endset %}" * 40,
    "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}" + "a" * 1000 + "{% endmacro %}{{ m(20) }}",
    "{% macro m() %}{% for i in range(100000) %}" + "a" * 1000 + "{% endfor %}{% endmacro %}{{ m() }}",
    "{% set l = [] %}{% for i in range(9999) %}{% set _ = l.append(range(100000) | list) %}{% endfor %}",
    "{% set d = {} %}{% for i in range(99999) %}{% set _ = d.update({i: i}) %}{% endfor %}"
    "{% set l = [] %}{% for i in range(9999) %}{% set _ = l.append(d.copy()) %}{% endfor %}",
    "{% set s = 'ab ' * 300000 %}{% set l = [] %}{% for i in range(999) %}{% set _ = l.append(s.split()) %}{% endfor %}",
    "{{ ('[' ~ '{\"a\":0},' * 900000 ~ '0]') | from_json | length }}", "{{ ('é-' * 5000000) | title | length }}",
    "{% set ns = namespace(s='a') %}" + MANY + "{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
    "{% set ns = namespace(s='a') %}" + MANY + "{% set ns.s = ns.s ~ 'aaaaaaaaaaaaaaaaaaaaaaaa' %}{% endfor %}",
]  # fmt: skip

COMPILED = [
    "{{a}}" * (1024 * 1024 // 5), "{% set a=1 %}" * 70_000, "{{ " + "(" * 10_000 + "1" + ")" * 10_000 + " }}",
    "{{ " + "not " * 10_000 + "1 }}", "{{ " + "not " * 900 + "1 }}", "{{ a" + "|upper" * 5_000 + " }}", "{{ a" + "|upper" * 800 + " }}",
    "{% if a %}" * 500 + "{% endif %}" * 500, "{% for x in a %}" * 500 + "{% endfor %}" * 500,
    "{% for x in a %}" * 30 + "{% endfor %}" * 30, "{% for x in a %}" * 20 + "{% endfor %}" * 20,
    "{{ " + "[" * 10_000 + "]" * 10_000 + " }}", "{{ " + "{1:" * 5_000 + "1" + "}" * 5_000 + " }}", "{{ " + "-" * 10_000 + "1 }}",
    "{{ " + "a" * 1_000_000 + " }}", "{{ a." + "a" * 1_000_000 + " }}", "{{ a | " + "a" * 900_000 + " }}",
    "{{ '" + "a" * 1_000_000 + "' }}", "{{ " + "a" * 2_000_000 + " }}", "".join(f"{{{{ name{i} }}}}" for i in range(6_000)),
    "{{ a" + ".b" * 10_000 + " }}", "{{ a" + ".b" * 900 + " }}", "{{ a" + "[0]" * 10_000 + " }}", "{{ a" + "()" * 5_000 + " }}",
    "{{ " + "~".join(["a"] * 9_000) + " }}", "{{ " + "+".join(["a"] * 9_000) + " }}", "{{ " + " if a else ".join(["a"] * 5_000) + " }}",
    "{{ " + "a<" * 5_000 + "a }}", "{% if a %}" + "{% elif a %}" * 5_000 + "{% endif %}", "{#" * 100_000, "{{" * 100_000, "{%" * 9,
    "{% raw %}" + "{{" * 100_000 + "{% endraw %}{{ a }}", "{% macro m(a, a) %}{% endmacro %}", "{% set none = 1 %}", "{% set a.b.c = 1 %}",
    "{{ f(a=1, a=2) }}", "{{ f(_loop_vars=1) }}", "{% for loop in a %}{% endfor %}", "{% macro m(ａ, a) %}{% endmacro %}", "{{ '\ud800' }}\0",
    "{% macro loop() %}{% endmacro %}{{ loop() }}", "{% set self = 1 %}{{ self }}", "{{ a if }}", "{{ 'a' 'b' }}", "{{ \N{PILE OF POO} }}",
    "{% trans %}{% endtrans %}", "{% set x | _literal %}a{% endset %}", "{% filter upper %}a{% endfilter %}", "{% break %}", "{{ ... }}",
    "{{ *a }}", "{{ a[::] }}", "{{ a[1:2, 3] }}", "{% print a, b %}", "{% from a import b with context %}", "{% include a, b %}",
    "{% if a" + " and a" * 3_000 + " %}{% endif %}", "{% with " + ",".join(f"a{i}=1" for i in range(2_000)) + " %}{% endwith %}",
]  # fmt: skip


def context() -> Context:
    return Context(
        tenant_id="t1",
        user=User(id="u1", email="ada@example.com", profile_fields=ProfileFields({"7": [1]})),
        now=1_700_000_000,
        secrets={"k": Secret("hunter2")},
        variables={"v": "w"},
        body=b"0" * 1_000_000,
        response=ResponseView('{"a": 1}', 200, {"x": "y"}),
    )


def outcome(source: str, field: Field, limits: Limits = FEWER_STEPS) -> str:
    """What a template comes to: its text, or the text of one of our errors. Any other error goes on."""
    try:
        return reveal(compile_template(source, field, limits).render(context()))
    except TemplateInvalid as error:
        assert 0 < len(error.faults) <= 50
        return " ".join(fault.message for fault in error.faults)
    except SealgateError as error:
        assert len(error.detail) < 2_000, "a message is short"
        return error.detail


@pytest.mark.parametrize("field", [Field.RESPONSE_BODY, Field.HEADER], ids=lambda field: field.name)
@pytest.mark.parametrize("source", ESCAPES)
def test_nothing_leads_out(source: str, field: Field) -> None:
    text = outcome(source, field)
    assert not LEAK.search(text.replace(source, "")), text


@pytest.mark.parametrize("source", [*SLOW, *COMPILED], ids=lambda source: source[:60] + str(len(source)))
def test_nothing_hangs(source: str) -> None:
    began = time.monotonic()
    outcome(source, Field.REQUEST_BODY)
    assert time.monotonic() - began < SECONDS


def test_nothing_takes_much_memory() -> None:
    """In a process of its own, where the most that was ever used can be seen."""
    child = subprocess.run(
        [sys.executable, __file__], capture_output=True, text=True, timeout=110, check=False
    )
    assert child.returncode == 0, child.stdout + child.stderr


NAMES = st.sampled_from(
    ["a", "user", "response", "loop", "ns", "now", "range", "none", "1", "'x'", "[]", "{}"]
)
EXPRESSIONS = st.recursive(
    NAMES,
    lambda inner: st.one_of(
        st.builds("{}.{}".format, inner, st.sampled_from(["id", "items", "x", "__class__", "append", "body"])),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "*", "~", "==", "in", "and", "%", "**"]), inner),
        st.builds("({}|{})".format, inner, st.sampled_from(["upper", "list", "tojson", "sort", "first", "join", "map('upper')", "default(1)", "length", "batch(2)", "unique"])),
        st.builds("({} is {})".format, inner, st.sampled_from(["defined", "odd", "in [1]", "none", "lower"])),
        st.builds("{}({})".format, inner, inner),
        st.builds("({} if {})".format, inner, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{{'k': {}}}".format, inner),
        st.builds("{}[1:{}]".format, inner, inner),
    ),
    max_leaves=8,
)  # fmt: skip
STATEMENTS = st.recursive(
    st.one_of(st.builds("{{{{ {} }}}}".format, EXPRESSIONS), st.sampled_from(['"', "{", "text\n", "<a>"])),
    lambda inner: st.one_of(
        st.builds("{{% for a in {} %}}{}{{% endfor %}}".format, EXPRESSIONS, inner),
        st.builds("{{% if {} %}}{}{{% else %}}{}{{% endif %}}".format, EXPRESSIONS, inner, inner),
        st.builds("{{% set a %}}{}{{% endset %}}{}".format, inner, inner),
        st.builds("{{% macro a(x) %}}{}{{% endmacro %}}{}".format, inner, inner),
        st.builds("{{% set ns = namespace(x={}) %}}{}".format, EXPRESSIONS, inner),
        st.builds("{}{}".format, inner, inner),
    ),
    max_leaves=5,
)
fuzzing = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@fuzzing
@given(STATEMENTS, st.sampled_from(list(Field)))
def test_any_template_ends_in_text_or_in_an_error_of_ours(source: str, field: Field) -> None:
    assert not LEAK.search(outcome(source, field).replace(source, ""))


SCRAPS = ["{{", "}}", "{%", "%}", "{#", "#}", "-", "set", "for", "in", "if", "endif", "endfor", "macro", "a", "(", ")", "[",
          "]", "{", "}", "|", ".", ",", "=", "'", "\n", " ", "1", "raw", "endraw", "with", "not", "is", "~", "**"]  # fmt: skip


@fuzzing
@given(
    st.one_of(st.text(), st.lists(st.sampled_from(SCRAPS), max_size=30).map(" ".join)),
    st.sampled_from(list(Field)),
)
def test_any_text_compiles_or_is_invalid(source: str, field: Field) -> None:
    outcome(source, field)


def _peaks() -> Iterator[tuple[int, str]]:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for source in LARGE:
        outcome(source, Field.HEADER, Limits())
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        yield after - before, source
        before = after


if __name__ == "__main__":
    grown = sum(kib for kib, _ in _peaks())
    sys.exit(f"memory grew by {grown // 1024} MiB" if grown > 300 * 1024 else 0)
