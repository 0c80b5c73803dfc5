"""Quoting, as bash and the Windows command prompt read it."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealgate.importing.proposal import Notes
from sealgate.importing.shell_words import VARIABLE, split_commands


def words(text):
    notes = Notes()
    found = split_commands(text, notes)
    assert not notes.faults
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("curl a b", [["curl", "a", "b"]]),
        ("curl 'a b' \"c d\"", [["curl", "a b", "c d"]]),
        ("curl \\\n  a \\\n  b", [["curl", "a", "b"]]),
        ("curl \\\r\n  a", [["curl", "a"]]),
        ("curl a'b'\"c\"d", [["curl", "abcd"]]),
        ("curl '' \"\"", [["curl", "", ""]]),
        (r"curl a\ b \'", [["curl", "a b", "'"]]),
        (r'curl "a\"b\\c\$d\e"', [["curl", 'a"b\\c$d\\e']]),
        ("curl 'it'\\''s'", [["curl", "it's"]]),
        (r"curl $'it\'s\n\t\u00e9\x41\101'", [["curl", "it's\n\té" + "AA"]]),
        (r"curl $'\ud83d\ude00 \U0001F600'", [["curl", "😀 😀"]]),
        (r"curl $'a\u0021b'", [["curl", "a!b"]]),
        (r"curl $'\q'", [["curl", "\\q"]]),
        ("curl a # a comment\ncurl b", [["curl", "a"], ["curl", "b"]]),
        ("curl a#b", [["curl", "a#b"]]),
        ("curl a && curl b; curl c", [["curl", "a"], ["curl", "b"], ["curl", "c"]]),
        ("curl a | jq . > x\ncurl b", [["curl", "a"], ["curl", "b"]]),
        ("curl $ $5 a$", [["curl", "$", "$5", "a$"]]),
        # Chrome, "Copy as cURL (cmd)", of today and of some years ago
        ('curl ^"https://a/?x=1^&y=2^" ^\r\n  -H ^"a: b^"', [["curl", "https://a/?x=1&y=2", "-H", "a: b"]]),
        ('curl ^"a^" --data-raw ^"^{^\\^"k^\\^":^\\^"v^\\^"^}^"', [["curl", "a", "--data-raw", '{"k":"v"}']]),
        ('curl ^"a^" -d ^"50^% x^%^20y^"', [["curl", "a", "-d", "50% x%20y"]]),
        ('curl "https://a/?x=1&y=2" ^\n  -H "a: b" ^\n', [["curl", "https://a/?x=1&y=2", "-H", "a: b"]]),
        ('curl "a" -d "{\\"k\\":1}" ^\n -s', [["curl", "a", "-d", '{"k":1}', "-s"]]),
        ('curl "a" -d "one^\n\ntwo" -s', [["curl", "a", "-d", "one^\n\ntwo", "-s"]]),
        ('curl ^"a^" -d ^"one^\n\ntwo^"', [["curl", "a", "-d", "one\ntwo"]]),
        ('curl "C:\\dir\\\\" "\\"a\\\\\\"" ^\n', [["curl", "C:\\dir\\", '"a\\"']]),
    ],
)
def test_words(text, expected):
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('curl "Bearer $TOKEN"', ["TOKEN"]),
        ("curl ${TOKEN}x", ["TOKEN"]),
        ("curl '$TOKEN'", []),
        ('curl "\\$TOKEN"', []),
        ("curl $'$TOKEN'", []),
    ],
)
def test_variables_stay_as_marks(text, names):
    assert VARIABLE.findall(words(text)[0][1]) == names


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("curl 'abc", "the quote ' is opened and not closed"),
        ('curl "abc', 'the quote " is opened and not closed'),
        ("curl $'abc", "the quote $' is opened and not closed"),
        ('curl ^"abc ^\n', 'the quote " is opened and not closed'),
        ("curl $(cat secret-file)", "runs another one"),
        ("curl `cat secret-file`", "runs another one"),
        ("curl \ue000A\ue001", "no command line has"),
    ],
)
def test_what_cannot_be_read_is_a_fault_without_its_text(text, says):
    notes = Notes()
    split_commands(text, notes)
    assert says in notes.faults[0].message
    assert "abc" not in repr(notes.faults) and "secret-file" not in repr(notes.faults)


def test_an_open_quote_is_found_at_its_place():
    notes = Notes()
    split_commands("curl a \\\n  -H 'b", notes)
    assert (notes.faults[0].line, notes.faults[0].column) == (2, 6)


PRINTABLE = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Co")), max_size=12)
PIECES = st.sampled_from(
    ["'a b'", '"c\\"d"', "$'e\\'f\\n\\x41'", "\\\\", "g", " ", "\\\n", '""', "\\$x", "'\\'"]
)


@settings(max_examples=40, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=8))
def test_bash_reads_the_same_words(pieces):
    line = "".join(pieces)
    done = subprocess.run(
        ["bash", "-c", f"printf '%s\\0' x {line}"], capture_output=True, check=True, text=True
    )
    expected = done.stdout.split("\0")[:-1]
    assert words(f"x {line}") == [expected]


@settings(max_examples=200)
@given(st.lists(PRINTABLE, min_size=1, max_size=4))
def test_what_shlex_quotes_comes_back(texts):
    import shlex

    line = shlex.join(["curl", *texts])
    found = words(line)
    assert found == [["curl", *texts]]
