"""The playground renders as the real field does, and the reference tells the truth."""

import pytest

from sealgate.services.playground import FIELDS, Sample, StepSample, play
from sealgate.templates import CONNECTOR, Field
from sealgate.templates.filters import FILTERS
from sealgate.templates.reference import _DESCRIBED, FUNCTIONS, reference

USER = {"sub": "7", "email": "ada@example.com", "given_name": 'Ada "A"'}


@pytest.mark.parametrize(
    ("template", "field", "sample", "output"),
    [
        ("{{ user.email }}", "header", {"user": USER}, "ada@example.com"),
        ("Bearer {{ get_secret('k') }}", "header", {}, "Bearer [k]"),
        ('{"n": "{{ user.first_name }}"}', "request_body", {"user": USER}, '{"n": "Ada \\"A\\""}'),
        ("{{ (body_text | from_json).a }}", "request_body", {"body": '{"a": 1}'}, "1"),
        ("<b>{{ response.body }}</b>", "response_body", {"response_body": "<"}, "<b>&lt;</b>"),
        ("n={{ response.body }}", "response_body",
         {"response_body": "a b&c", "content_type": "application/x-www-form-urlencoded"}, "n=a+b%26c"),
        ("{{ response.status_code }}{{ response.headers['x-a'] }}", "response_body",
         {"response_status": 404, "response_headers": {"X-A": "!"}}, "404!"),
        ("https://a.example/{{ pathParams.x }}?q={{ user.first_name }}", "url",
         {"path_params": {"x": "a/b"}, "user": USER}, "https://a.example/a%2Fb?q=Ada%20%22A%22"),
        ("{{ get_variable('v') }}", "query", {"variables": {"v": "1"}}, "1"),
    ],
)  # fmt: skip
async def test_output(template, field, sample, output):
    played = await play("default", template, FIELDS[field], Sample(**sample))
    assert (played.output, played.error, played.faults) == (output, None, ())


CONTACT = StepSample(body='{"name": "Ada"}', status_code=201, headers={"X-Page": "2"})


@pytest.mark.parametrize(
    ("template", "field", "output"),
    [
        ("{{ (steps.contact.body | from_json).name }}", "header", "Ada"),
        ("{{ steps.contact.status_code }}{{ steps['contact'].headers['x-page'] }}", "query", "2012"),
        ("{{ response.body }} of {{ (steps.contact.body | from_json).name }}", "response_body", "[] of Ada"),
        ("{{ request.body_text }}{{ request.query_parameters.q }}", "request_body", "hitea"),
        ("https://a.example/{{ (steps.contact.body | from_json).name }}", "url", "https://a.example/Ada"),
        ("{{ get_variable('v') }}", "request_body", "1"),
    ],
)
async def test_a_template_of_a_step_reads_the_steps_before_it(template, field, output):
    sample = Sample(
        steps={"contact": CONTACT}, body="hi", query={"q": "tea"}, response_body="[]", variables={"v": "1"}
    )
    played = await play("default", template, FIELDS[field], sample)
    assert (played.output, played.error, played.faults, played.warnings) == (output, None, (), ())


async def test_a_connector_has_no_steps():
    played = await play("default", "{{ steps.contact.body }}!", Field.HEADER, Sample())
    assert (played.output, [each.expression for each in played.warnings][:1]) == ("!", ["steps.contact.body"])


async def test_a_template_that_does_not_parse_says_where():
    played = await play("default", "a\n{{ b", Field.HEADER, Sample())
    assert played.output is None and played.faults[0].line == 2


@pytest.mark.parametrize(
    ("template", "field", "code"),
    [
        ("a\n  {{ 1 / 0 }}", Field.RESPONSE_BODY, "RESPONSE_TEMPLATE_FAILED"),
        ("a\n  {{ get_secret('k') }}", Field.RESPONSE_BODY, "RESPONSE_TEMPLATE_FAILED"),
        ("a\n  {{ 'x' * 10 ** 9 }}", Field.REQUEST_BODY, "TEMPLATE_LIMIT_EXCEEDED"),
    ],
)
async def test_a_render_that_fails_says_where(template, field, code):
    played = await play("default", template, field, Sample())
    assert played.output is None
    assert (played.error["code"], played.error["line"], played.error["column"]) == (code, 2, 6)


async def test_what_is_not_there_is_a_warning():
    played = await play("default", "{{ user.nope }}", Field.HEADER, Sample(user=USER))
    assert played.output == "" and played.warnings


@pytest.mark.parametrize("entry", list(reference()), ids=lambda entry: entry.name)
async def test_each_example_of_the_reference(entry):
    assert entry.explanation.endswith(".") and entry.fields
    place = Field.HEADER if entry.kind == "function" else Field.RESPONSE_BODY
    # Plain text, so that what is shown is the value itself.
    played = await play("default", entry.example, place, Sample(content_type="text/plain"))
    assert played.error is None and not played.faults
    assert played.output == entry.result if entry.result is not None else played.output


def test_the_reference_has_every_name():
    assert _DESCRIBED.keys() == FILTERS.keys()
    assert FUNCTIONS.keys() == frozenset().union(*CONNECTOR.functions.values())
