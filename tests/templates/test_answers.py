"""What a template of a step would print of answers that are not there yet."""

import pytest

from sealgate.caller import ANONYMOUS
from sealgate.templates import STEP, Context, Field, compile_template, name_answers, say_answers

CASES = [
    ("/c/{{ (steps.contact.body | from_json).id }}/x", "/c/<contact>/x"),
    ("{{ user.id or 'nobody' }}-{{ steps['fetch-user'].status_code }}", "nobody-<fetch-user>"),
    ("{{ steps.a.body ~ steps.b.body }}", "<a+b>"),
    ("{{ steps[request.query_parameters.which].body }}", "<?>"),
    ("{{ steps['it\\'s'].body }}", "<?>"),
    ("head {% set c = steps.a.body | from_json %}{{ c.id }} tail", "head <a>"),
    ("{% if tenant_id %}yes{% endif %}{{ steps.a.body }}", "yes<a>"),
    ("{% for s in [steps.a, steps.b] %}{{ s.body }}{% endfor %}", "<a+b>"),
    ("{% raw %}{{ steps.a.body }}{% endraw %}", "{{ steps.a.body }}"),
    ("no template of steps", "no template of steps"),
    ("{{ x.steps }}!", "!"),
]


@pytest.mark.parametrize(("source", "printed"), CASES)
def test_an_answer_is_named_where_it_would_stand(source, printed):
    named = name_answers(source)
    template = compile_template(named.source, Field.HEADER, vocabulary=STEP)
    text = template.render(Context("t", ANONYMOUS, 0, {}, {}, steps=named.steps))
    assert say_answers(text, lambda names: f"<{'+'.join(names) or '?'}>") == printed


def test_a_template_that_has_no_tokens_stays_as_it_is():
    assert name_answers("{{ steps.a ? }}").source == "{{ steps.a ? }}"
