"""URL templates: what is refused at save, where a URL may lead, and the exact bytes of a run."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sealgate.caller import User
from sealgate.errors import UrlInvalid, VariableNotFound
from sealgate.findings import Finding
from sealgate.message import Origin
from sealgate.templates import TemplateInvalid
from sealgate.templates.context import Context
from sealgate.templates.url import compile_url


def context(variables: Mapping[str, str] = {}, **path_params: str) -> Context:
    return Context(
        tenant_id="t 1",
        user=User(id="u/1", email="ada+x@example.com"),
        now=1_700_000_000,
        secrets={},
        variables=variables,
        path_params=path_params,
    )


def rendered(source: str, variables: Mapping[str, str] = {}, **path_params: str) -> str:
    url = compile_url(source).render(context(variables, **path_params))
    return f"{url.origin}{url.path}" + (f"?{url.query}" if url.query is not None else "")


def faults(source: str) -> tuple[Finding, ...]:
    with pytest.raises(TemplateInvalid) as caught:
        compile_url(source)
    return caught.value.faults


@pytest.mark.parametrize(
    ("source", "url"),
    [
        ("https://api.example.com", "https://api.example.com/"),
        ("https://API.Example.com:443/x", "https://api.example.com/x"),
        ("http://127.0.0.1:9000/x", "http://127.0.0.1:9000/x"),
        ("https://api.example.com?a=1", "https://api.example.com/?a=1"),
        # The template's own bytes stay, and values are encoded once.
        ("https://h.example/a%2Fb/%20+c;v=1,2/@me/(x)'!*~$", "https://h.example/a%2Fb/%20+c;v=1,2/@me/(x)'!*~$"),
        ("https://h.example/a//b/?q=%20+%2B&a=1&a=2&c=&d", "https://h.example/a//b/?q=%20+%2B&a=1&a=2&c=&d"),
        ("https://h.example/x?f[c.id][]={{ pathParams.c }}&include[]=user&limit=50",
         "https://h.example/x?f[c.id][]=a%2Fb&include[]=user&limit=50"),
        ("https://h.example/{{ pathParams.c }}?c={{ pathParams['c'] }}", "https://h.example/a%2Fb?c=a%2Fb"),
        ("https://h.example/{{ user.id }}?t={{ tenant_id }}&m={{user.email}}",
         "https://h.example/u%2F1?t=t%201&m=ada%2Bx%40example.com"),
        ("https://h.example/{{ now() }}", "https://h.example/1700000000"),
        ("https://h.example/{{ nope }}/x", "https://h.example//x"),
        # Control flow, and what prints nothing.
        ("https://h.example/a{% if user.id %}/me{% else %}/all{% endif %}?x=1", "https://h.example/a/me?x=1"),
        ("https://h.example/?{% for n in ['a b', 'c'] %}i={{ n }}&{% endfor %}z=1",
         "https://h.example/?i=a%20b&i=c&z=1"),
        ("{% set id = user.id %}https://h.example/{{ id }}", "https://h.example/u%2F1"),
        ("{# our API #}https://{# eu #}h.example/{# v #}x", "https://h.example/x"),
        ("https://h.example/{{- ' ' if false -}} x", "https://h.example/x"),
    ],
)  # fmt: skip
def test_render(source: str, url: str) -> None:
    assert rendered(source, c="a/b") == url


@pytest.mark.parametrize(
    ("source", "variables", "url"),
    [
        ("https://{{ get_variable('portal_host') }}/api/v2", {"portal_host": "eu.example.net"},
         "https://eu.example.net/api/v2"),
        ('https://{{get_variable("h")}}/x', {"h": "EU.example.net:8443"}, "https://eu.example.net:8443/x"),
        ("https://{{ get_variable('h') }}:8443/x", {"h": "eu.example.net"}, "https://eu.example.net:8443/x"),
        ("https://{{ get_variable('h') }}", {"h": "[2001:db8::1]:8443"}, "https://[2001:db8::1]:8443/"),
        ("https://{{ get_variable('region') }}.api.example.com/v1", {"region": "eu"}, "https://eu.api.example.com/v1"),
        ("https://{{ get_variable('a') }}-{{ get_variable('b') }}.example.com?x=1", {"a": "x", "b": "y"},
         "https://x-y.example.com/?x=1"),
        ("{{ get_variable('instance_url') }}/services/data", {"instance_url": "https://acme.example"},
         "https://acme.example/services/data"),
        ("{{ get_variable('u') }}/x", {"u": "https://acme.example/"}, "https://acme.example/x"),
        ("{{ get_variable('u') }}/x", {"u": "https://acme.example/base"}, "https://acme.example/base/x"),
        ("{{ get_variable('u') }}?q=1", {"u": "https://acme.example/base/"}, "https://acme.example/base?q=1"),
        ("{{ get_variable('u') }}", {"u": "http://acme.example:8080/b%2Fc"}, "http://acme.example:8080/b%2Fc"),
        ("{{ get_variable('u') }}", {"u": "https://acme.example"}, "https://acme.example/"),
        ("{{ get_variable('u') | default('https://app.example.com') }}/x", {}, "https://app.example.com/x"),
        ("https://{{ get_variable('h') | default('app.example.com', true) }}/x", {}, "https://app.example.com/x"),
        ("https://{{ get_variable('h') | default('app.example.com', true) }}/x", {"h": ""},
         "https://app.example.com/x"),
        ("https://{{ get_variable('h') | default('app.example.com', true) }}/x", {"h": "eu.example.net"},
         "https://eu.example.net/x"),
        ("https://{{ get_variable('h')|default('app.example.com') }}/x", {}, "https://app.example.com/x"),
    ],
)  # fmt: skip
def test_the_host_may_come_from_variables(source: str, variables: Mapping[str, str], url: str) -> None:
    assert compile_url(source).origin is None
    assert rendered(source, variables) == url


@pytest.mark.parametrize(
    ("before", "expression", "after", "reason"),
    [
        ("https://", "{{ user.id }}", ".example.com/v1", "only get_variable"),
        ("", "{{ get_variable('scheme') }}", "://api.example.com", "scheme"),
        ("http", "{{ get_variable('s') }}", "://api.example.com", "scheme"),
        ("https://", "{{ get_variable('host') | upper }}", "/x", "default"),
        ("https://", "{{ get_variable(name) }}", "/x", "quoted"),
        ("https://", "{{ get_variable('a' ~ 'b') }}", "/x", "quoted"),
        ("https://", r"{{ get_variable('a\x62') }}", "/x", ""),
        ("https://", r"{{ get_variable('a') | default('\x62') }}", "/x", ""),
        ("", "{% set x | replace('a', count=1) %}", "b{% endset %}https://h.example/x", "scheme"),
        ("https://", "{{ get_variable('a', 'b') }}", "/x", "quoted"),
        ("https://", "{{ get_variable('a').lower() }}", "/x", "default"),
        ("https://", "{{ get_variable('a') ~ '.evil' }}", "/x", "default"),
        ("https://", "{{ get_variable('a') if user.id else 'b' }}", "/x", "default"),
        ("https://", "{% if user.id %}", "a{% else %}b{% endif %}.example.com/x", "statement"),
        ("https://api.example.com", "{% if user.id %}", ".evil.example{% endif %}/x", "statement"),
        ("https://", "{% raw %}", "api.example.com{% endraw %}/x", "statement"),
        ("", "{% if user.id %}", "https://a.example{% else %}https://b.example{% endif %}/x", "scheme"),
        ("https://", "{{ get_variable('h') | default(user.email) }}", "/x", "quoted text"),
        ("https://", "{{ get_variable('h') | default(5) }}", "/x", "quoted text"),
        ("https://", "{{ get_variable('h') | default() }}", "/x", "quoted text"),
        ("https://", "{{ get_variable('h') | default('a', false) }}", "/x", "only `true`"),
        ("https://", "{{ get_variable('h') | default('a', true, 1) }}", "/x", "only `true`"),
        ("https://", "{{ get_variable('h') | default('a', boolean=true) }}", "/x", "only `true`"),
        ("https://", "{{ get_variable('h') | default('a') | upper }}", "/x", "quoted text"),
        ("", "{{ get_secret('origin') }}", "/x", "secret"),
        ("https://", "{{ get_secret('h') }}", ".example.com/x", "secret"),
        ("", "{{ user.username }}", "/x", "only get_variable"),
        ("", "{{ 'https://api.example.com' }}", "/x", "only get_variable"),
        ("", "{{ get_variable('u') }}", ".example.com/x", "whole origin"),
        ("", "{{ get_variable('u') }}", "{{ get_variable('p') }}", "whole origin"),
        ("", "{{ get_variable('u') }}", "@evil.example/", "whole origin"),
        ("https://api.example.com:", "{{ now() }}", "/x", "only get_variable"),
    ],
)  # fmt: skip
def test_any_other_expression_in_the_host_is_named(
    before: str, expression: str, after: str, reason: str
) -> None:
    fault = faults(before + expression + after)[0]
    assert fault.expression == expression
    assert expression in fault.message
    assert reason in fault.message
    assert fault.column == len(before) + 1
    assert fault.hint


@pytest.mark.parametrize(
    ("source", "variables", "error", "says"),
    [
        ("https://{{ get_variable('h') }}/x", {}, VariableNotFound, "'h' is not set"),
        ("{{ get_variable('u') }}/x", {"U": "https://a.example"}, VariableNotFound, "'u' is not set"),
        ("https://{{ get_variable('h') }}/x", {"h": ""}, UrlInvalid, "empty"),
        ("https://{{ get_variable('h') | default('a.example') }}/x", {"h": ""}, UrlInvalid, "empty"),
        ("https://{{ get_variable('h') | default('', true) }}/x", {"h": ""}, UrlInvalid, "empty"),
        ("https://{{ get_variable('h') | default('https://a.example') }}/x", {}, UrlInvalid, "'/'|':'|host"),
        ("https://{{ get_variable('h') }}/x", {"h": "evil.example/"}, UrlInvalid, "'/'"),
        ("https://{{ get_variable('h') }}/x", {"h": "evil.example/y"}, UrlInvalid, "'/'"),
        ("https://{{ get_variable('h') }}.example.com/x", {"h": "evil.example/"}, UrlInvalid, "'/'"),
        ("https://{{ get_variable('h') }}.example.com/x", {"h": "evil.example?"}, UrlInvalid, r"'\?'"),
        ("https://{{ get_variable('h') }}.example.com/x", {"h": "evil.example#"}, UrlInvalid, "'#'"),
        ("https://{{ get_variable('h') }}/x", {"h": "user@evil.example"}, UrlInvalid, "'@'"),
        ("https://{{ get_variable('h') }}/x", {"h": "a.example\\b"}, UrlInvalid, "host"),
        ("https://{{ get_variable('h') }}/x", {"h": "a.example b"}, UrlInvalid, "' '"),
        ("https://{{ get_variable('h') }}/x", {"h": "a.example\n"}, UrlInvalid, "host"),
        ("https://{{ get_variable('h') }}/x", {"h": "a%2eexample"}, UrlInvalid, "'%'"),
        ("https://{{ get_variable('h') }}.example.com/x", {"h": "evil.example:80"}, UrlInvalid, "host"),
        ("https://{{ get_variable('h') }}/x", {"h": "0x7f.1"}, UrlInvalid, "host"),
        ("https://{{ get_variable('h') }}/x", {"h": "a..example"}, UrlInvalid, "host"),
        ("{{ get_variable('u') }}/x", {"u": "acme.example"}, UrlInvalid, "scheme"),
        ("{{ get_variable('u') | default('app.example.com') }}/x", {}, UrlInvalid, "scheme"),
        ("{{ get_variable('u') }}/x", {"u": "ftp://acme.example"}, UrlInvalid, "origin"),
        ("{{ get_variable('u') }}/x", {"u": "https://acme.example?a=1"}, UrlInvalid, "query"),
        ("{{ get_variable('u') }}/x", {"u": "https://acme.example#f"}, UrlInvalid, "origin"),
        ("{{ get_variable('u') }}/x", {"u": "https://user@acme.example"}, UrlInvalid, "origin"),
        ("{{ get_variable('u') }}/x", {"u": "https://acme.example/a b"}, UrlInvalid, "origin"),
        ("{{ get_variable('u') }}/x", {"u": "https://acme.example/a/.."}, UrlInvalid, "segment"),
    ],
)  # fmt: skip
def test_what_a_variable_may_not_be(
    source: str, variables: Mapping[str, str], error: type[Exception], says: str
) -> None:
    url = compile_url(source)
    with pytest.raises(error, match=says):
        url.render(context(variables))


@pytest.mark.parametrize(
    ("source", "column", "says"),
    [
        ("https://h.example/q?q=select id from Account", 29, "space"),
        ("https://h.example/a b", 20, "space"),
        ("https://h.example/{{ user.id }}/a\tb", 34, "control character"),
        ("https://h.example/a\0b", 20, "control character U+0000"),
        ('https://h.example/?q="x"', 22, "quotation mark"),
        ("https://h.example/<x>", 19, "less-than sign"),
        ("https://h.example/x?f={{ user.id }}^y", 36, "circumflex accent"),
        ("https://h.example/a|b", 20, "vertical line"),
        ("https://h.example/a`b", 20, "grave accent"),
        ("https://h.example/a[b]", 20, "left square bracket"),
        ("https://h.example/x?f={a}", 23, "left curly bracket"),
        ("https://h.example/a\\b", 20, "backslash"),
        ("https://h.example/ż", 19, "ASCII"),
        ("https://h.example/x#top", 20, "fragment"),
        ("https://h.example/100%/x", 22, "percent"),
        ("https://h.example/%2{{ user.id }}", 19, "percent"),
        ("https://h.example/x?a=%{% if user.id %}2e{% endif %}", 23, "percent"),
        ("https://h.example/a/../b", 21, "segment"),
        ("https://h.example/a/%2e%2E/b", 21, "segment"),
        ("https://h.example/./{{ user.id }}", 19, "segment"),
        ("https://h.example/a%2F..%2Fb", 19, "segment"),
    ],
)
def test_the_text_outside_tags(source: str, column: int, says: str) -> None:
    found = [fault for fault in faults(source) if says in fault.message]
    assert [(fault.line, fault.column) for fault in found] == [(1, column)]
    assert all(fault.hint for fault in found)


@pytest.mark.parametrize(
    "source",
    [
        "api.example.com/x",
        "//api.example.com/x",
        "/x",
        "",
        " https://api.example.com",
        "ftp://api.example.com/x",
        "file:///etc/passwd",
        "https:///x",
        "https://user@api.example.com/x",
        "https://user:pw@{{ get_variable('h') }}/x",
        "https://api.example.com:99999/x",
        "https://api.example.com\\@evil.example/x",
        "https://2130706433/x",
        "https://a..example/x",
        "https://api example.com/x",
        "https://{{ get_variable('h') }}.api example.com/x",
        "https://{{ get_variable('h') }}:port/x",
        "https://h.example/" + "x" * 2048,
        "https://h.example/{{ user.id",
        "https://h.example/{{ user. }}",
        "https://h.example/{% if user.id %}x",
    ],
)
def test_other_faults(source: str) -> None:
    assert all(fault.message for fault in faults(source))


def test_every_fault_at_once() -> None:
    messages = [
        fault.message
        for fault in faults("https://{{ user.id }}.{{ tenant_id }}.example/a b?c=<{{ d | nope }}")
    ]
    for part in ("{{ user.id }}", "{{ tenant_id }}", "space", "less-than"):
        assert any(part in message for message in messages)


@pytest.mark.parametrize(
    "source",
    [
        "https://h.example/" + "x" * (2048 - 18),
        "https://h.example/{{ 'a b<>' | length }}?q={{ \"'\" | length }}",
    ],
)
def test_what_loads(source: str) -> None:
    assert compile_url(source).warnings == ()


def test_a_forgotten_template_loads_with_a_warning_and_the_run_fails() -> None:
    url = compile_url("https://h.example/table/{sysId}/x")
    (warning,) = url.warnings
    assert (warning.column, warning.expression) == (25, "{sysId}")
    assert "pathParams.sysId" in (warning.hint or "")
    with pytest.raises(UrlInvalid):
        url.render(context())


@pytest.mark.parametrize("value", [".", "..", "../admin", "a/..", "a\\..\\b", "..\\", "./x"])
@pytest.mark.parametrize(
    "source", ["https://h.example/{{ pathParams.x }}", "https://h.example/a/{{ pathParams.x }}/b?c=1"]
)
def test_a_value_cannot_be_a_dot_segment(source: str, value: str) -> None:
    with pytest.raises(UrlInvalid, match="segment"):
        rendered(source, x=value)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("https://h.example/.{{ pathParams.x }}/b", "."),
        ("https://h.example/%2e{{ pathParams.x }}/b", "."),
        ("https://h.example/{{ pathParams.x }}{{ pathParams.x }}", "."),
        ("https://h.example/{{ pathParams.x }}%2E?q=1", "."),
        ("https://h.example/{% if pathParams.x %}..{% endif %}/b", "1"),
        ("https://h.example/.{{ pathParams.x }}./b", ""),
    ],
)
def test_pieces_cannot_make_a_dot_segment(source: str, value: str) -> None:
    with pytest.raises(UrlInvalid, match="segment"):
        rendered(source, x=value)


@pytest.mark.parametrize("value", ["...", "a..b", ".well-known", "v1.", "%2e%2e"])
def test_dots_that_are_no_dot_segment(value: str) -> None:
    url = rendered("https://h.example/{{ pathParams.x }}/b?q={{ pathParams.x }}", x=value)
    assert unquote(url.split("/")[3]) == value


def test_dots_in_the_query_lead_nowhere() -> None:
    assert rendered("https://h.example/?p=../{{ pathParams.x }}", x="..") == "https://h.example/?p=../.."


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("https://h.example/x", set()),
        ("https://h.example/x?", set()),
        ("https://h.example/x?a=1&b={{ user.id }}&c&d=", {"a", "b", "c", "d"}),
        ("https://h.example/x?f%5Ba%5D=1&g[b][]={{ user.id }}&h+i=2", {"f[a]", "g[b][]", "h i"}),
        ("https://h.example/x?{{ tenant_id }}=1&p{{ tenant_id }}=2&z=3", {"z"}),
        ("https://h.example/x?a={% if user.id %}1{% else %}2{% endif %}&z=3", {"a", "z"}),
        ("https://h.example/x?a=1{% if user.id %}&b=2{% else %}&c=3{% endif %}", {"a", "b", "c"}),
        ("https://h.example/x?{% if user.id %}b=2{% else %}c=3{% endif %}&z={# n=1 #}4", {"b", "c", "z"}),
        ("https://h.example/x{% if user.id %}?b={{ user.id }}{% endif %}", {"b"}),
        ("{{ get_variable('u') }}?a=1", {"a"}),
    ],
)
def test_query_names(source: str, names: set[str]) -> None:
    assert compile_url(source).query_names == names


def test_what_a_plan_reads() -> None:
    url = compile_url(
        "https://{{ get_variable('region') }}.h.example/{{ pathParams.b }}/{{ pathParams['a'] }}"
        "/{{ user.id }}?v={{ get_variable('v') }}"
    )
    assert url.path_params == ("a", "b")
    assert url.references.variables == {"region", "v"}
    assert {"get_variable", "pathParams", "user"} <= url.references.names
    assert url.references.user


def test_a_literal_url_reads_nothing() -> None:
    url = compile_url("http://api.example.com:8080/x?y=1")
    assert url.origin == Origin("http", "api.example.com", 8080)
    assert (url.references.names, url.path_params, url.warnings) == (frozenset(), (), ())


def test_line_and_column_count_from_the_templates_start() -> None:
    url = compile_url("https://{{ get_variable('h') }}/x/{{ nope }}")
    assert [(warning.line, warning.column) for warning in url.warnings] == [(1, 38)]


@given(a=st.text(), b=st.text(min_size=1), c=st.text())
@example(a="%2F", b="&", c="=#?+ ")
def test_values_arrive_exactly_and_add_nothing(a: str, b: str, c: str) -> None:
    url = compile_url("https://h.example/x-{{ pathParams.a }}/y?{{ pathParams.b }}={{ pathParams.c }}&z=1")
    split = url.render(context(a=a, b=b, c=c))
    assert [unquote(segment) for segment in split.path.split("/")] == ["", f"x-{a}", "y"]
    assert parse_qsl(split.query or "", keep_blank_values=True) == [(b, c), ("z", "1")]


@given(value=st.text(alphabet="./\\%2eEfF5cC ", max_size=6))
def test_no_value_leads_elsewhere(value: str) -> None:
    try:
        split = compile_url("https://h.example/a/{{ pathParams.x }}/b").render(context(x=value))
    except UrlInvalid:
        return
    assert split.path.count("/") == 3
    decoded = unquote(split.path).replace("\\", "/").split("/")
    assert not {".", ".."} & set(decoded)


def test_a_url_without_expressions_is_made_once() -> None:
    url = compile_url("https://api.example.com/v1?x=1")
    assert url.render(context()) is url.render(context())
