"""What a template reads, and what is said of it before it runs."""

from __future__ import annotations

import pytest

from sealgate.findings import Finding
from sealgate.templates import STEP, Field, TemplateInvalid, compile_template


def faults(source: str, field: Field = Field.HEADER) -> tuple[Finding, ...]:
    with pytest.raises(TemplateInvalid) as raised:
        compile_template(source, field)
    return raised.value.faults


@pytest.mark.parametrize(
    ("source", "names", "secrets", "variables", "computed"),
    [
        ("plain", set(), set(), set(), False),
        ("{{ user.id }}{{ tenant_id }}", {"user", "tenant_id"}, set(), set(), False),
        ("{% if user.id %}{% endif %}", {"user"}, set(), set(), False),
        ("{{user['id']}}", {"user"}, set(), set(), False),
        ("{{ get_secret('a') ~ get_secret(\"b\") }}", {"get_secret"}, {"a", "b"}, set(), False),
        ("{{ get_secret('a' ~ tenant_id) }}", {"get_secret", "tenant_id"}, set(), set(), True),
        ("{% set g = get_secret %}{{ g('a') }}", {"get_secret"}, set(), set(), True),
        ("{{ get_secret(name='a') }}", {"get_secret"}, set(), set(), True),
        ("{{ get_variable('v') | default('x') }}", {"get_variable"}, set(), {"v"}, False),
        ("{% set user = 1 %}{{ user }}", set(), set(), set(), False),
        ("{% for user in [1] %}{{ user }}{% endfor %}", set(), set(), set(), False),
        ("{# {{ user.id }} #}{% raw %}{{ user.id }}{% endraw %}", set(), set(), set(), False),
    ],
)
def test_references(
    source: str, names: set[str], secrets: set[str], variables: set[str], computed: bool
) -> None:
    references = compile_template(source, Field.HEADER).references
    assert (references.names, references.secrets, references.variables, references.computed_secret) == (
        names, secrets, variables, computed,
    )  # fmt: skip
    assert references.user == ("user" in names)


def test_path_parameters() -> None:
    source = "/{{ pathParams.a }}/{{ pathParams['b'] }}"
    assert compile_template(source, Field.URL).references.path_params == {"a", "b"}


@pytest.mark.parametrize(
    ("source", "field", "message", "line", "column", "expression", "hint"),
    [
        ("{{ usr.id }}", Field.HEADER, "`usr` is not known", 1, 4, "usr.id", "did you mean `user`?"),
        ("a\n {{ user.id }} {{ usr.id }}", Field.HEADER, "`usr`", 2, 19, "usr.id", "did you mean `user`?"),
        ("{{ 1 +\n  usr }}", Field.HEADER, "`usr`", 2, 3, "1 +\n  usr", "did you mean `user`?"),
        ("{{ body_text }}", Field.URL, "not available in the URL and prints", 1, 4, "body_text", None),
        ("{{ get_secret('x') }}", Field.URL, "not available in the URL: a call fails", 1, 4,
         "get_secret('x')", None),
        ("{{ json_encode(x) }}", Field.REQUEST_BODY, "is a filter, not a function", 1, 4, "json_encode(x)",
         "write {{ value | json_encode }}"),
        ("q='{{ user.id }}'", Field.QUERY, "between quotes of another query language", 1, 7, "user.id", None),
    ],
)  # fmt: skip
def test_warnings(
    source: str, field: Field, message: str, line: int, column: int, expression: str, hint: str | None
) -> None:
    found = compile_template(source, field).warnings[0]
    assert message in found.message
    assert (found.line, found.column, found.expression) == (line, column, expression)
    assert hint is None or found.hint == hint


@pytest.mark.parametrize(
    ("source", "message", "line", "expression"),
    [
        ("{{ a", "does not parse", 1, "{{ a"),
        ("{{ a }}{{ b | }}", "does not parse", 1, "{{ a }}{{ b | }}"),
        ("x\n{% if a %}", "does not parse", 2, "{% if a %}"),
        ("{{ a }} {{ b | uper }}", "there is no filter 'uper'", 1, "b | uper"),
        ("{{ a is defned }}", "there is no test 'defned'", 1, "a is defned"),
        ("{{ a | safe }}", "`safe` is not allowed in a header", 1, "a | safe"),
        ("{% include 'x' %}", "{% include %}", 1, "include 'x'"),
        ("{% call f() %}{% endcall %}", "{% call %}", 1, "call f()"),
        ("a\nb", "cannot hold a line break", None, None),
        ("é", "outside ASCII", None, None),
    ],
)
def test_faults(source: str, message: str, line: int | None, expression: str | None) -> None:
    found = faults(source)[0]
    assert message in found.message
    assert (found.line, found.expression) == (line, expression)


def test_all_faults_at_once() -> None:
    found = faults("{{ a | uper }}\n{{ b | safe }} {{ c is nope }}")
    assert {(fault.line, fault.column) for fault in found} == {(1, 8), (2, 8), (2, 24)}


def test_findings_are_bounded() -> None:
    source = "".join(f"{{{{ unknown{number} }}}}" for number in range(1_000))
    assert len(compile_template(source, Field.HEADER).warnings) == 50


@pytest.mark.parametrize(
    ("source", "field", "message", "column", "hint"),
    [
        ("{{ user.emial }}", Field.HEADER, "`user.emial` is not known and prints nothing", 9, "email"),
        ("{{ user['emial'] }}", Field.URL, "`user.emial`", None, "email"),
        ("{% if user.emali %}x{% endif %}", Field.QUERY, "`user.emali`", 12, "email"),
        ("{{ user.profile_fields.by_di(3) }}", Field.HEADER, "`user.profile_fields.by_di`", 24, "by_id"),
        ("{{ response.statuscode }}", Field.RESPONSE_BODY, "`response.statuscode`", 13, "status_code"),
        ("{{ user.id }}{{ user.first_nam | upper }}", Field.HEADER, "`user.first_nam`", 22, "first_name"),
    ],
)
def test_a_member_that_its_namespace_cannot_have(
    source: str, field: Field, message: str, column: int | None, hint: str
) -> None:
    (found,) = compile_template(source, field).warnings
    assert message in found.message and found.hint == f"did you mean `{hint}`?"
    assert column is None or found.column == column


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{{ steps.a.bdy }}", "`steps.a.bdy`"),
        ("{{ steps['a-b'].status }}", "`steps.a-b.status`"),
        ("{{ request.header }}", "`request.header`"),
    ],
)
def test_a_member_that_a_step_cannot_have(source: str, message: str) -> None:
    (found,) = compile_template(source, Field.REQUEST_BODY, vocabulary=STEP).warnings
    assert message in found.message


def test_a_member_that_is_like_none_names_those_there_are() -> None:
    (found,) = compile_template("{{ user.zzz }}{{ user.zzz }}", Field.HEADER).warnings
    assert found.hint is not None and found.hint.startswith("it has id, email, first_name")


@pytest.mark.parametrize(
    ("source", "field"),
    [
        ("{{ pathParams.anything }}", Field.URL),
        ("{{ user.email.lower() }}{{ user.email.nothing }}", Field.HEADER),
        ("{{ user.profile_fields.by_id(3).anything }}", Field.HEADER),
        ("{{ user[tenant_id] }}", Field.HEADER),
        ("{{ response.headers.anything }}{{ response.headers['x-a'] }}", Field.RESPONSE_BODY),
        ("{{ (response.body | from_json).anything }}", Field.RESPONSE_BODY),
        ("{% set user = {'a': 1} %}{{ user.a }}", Field.HEADER),
        ("{% for user in [{'a': 1}] %}{{ user.a }}{% endfor %}", Field.HEADER),
    ],
)
def test_members_that_nobody_knows_beforehand_give_no_warning(source: str, field: Field) -> None:
    assert compile_template(source, field).warnings == ()


def test_available_names_give_no_warning() -> None:
    source = "{% for x in range(3) %}{{ loop.index }}{{ user.id }}{{ now() }}{{ dict(a=1) }}{% endfor %}"
    assert compile_template(source, Field.RESPONSE_BODY).warnings == ()
