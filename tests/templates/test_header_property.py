"""Whatever a value is, a header carries it unchanged or the run is refused."""

from hypothesis import example, given
from hypothesis import strategies as st

from sealgate.caller import User
from sealgate.errors import RequestTemplateFailed
from sealgate.templates import Context, Field, compile_template

TEMPLATE = compile_template("a {{ user.email }} b", Field.HEADER)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
@example("x\r\nInjected: 1")
@example("x\x00")
@example("é")
@example("{{ get_secret('k') }}")
def test_a_header_value(value: str) -> None:
    context = Context("t", User(email=value), 0, {}, {})
    allowed = value.isascii() and not set(value) & set("\r\n\0")
    try:
        text = TEMPLATE.render(context)
    except RequestTemplateFailed:
        assert not allowed
    else:
        assert allowed and text == f"a {value} b"
