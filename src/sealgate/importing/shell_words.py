"""Split a pasted command line into words, as bash and as the Windows command prompt do.

Nothing is expanded and nothing runs. A variable (`$NAME`) stays in its word as a mark that `VARIABLE`
finds; what would run another command is a fault."""

from __future__ import annotations

import re

from sealgate.importing.proposal import Notes

VARIABLE = re.compile("\ue000([A-Za-z_][A-Za-z0-9_]*)\ue001")
MARKS = "\ue000\ue001"
PLACE = "command"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ANSI = {
    "n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "v": "\v",
    "\\": "\\", "'": "'", '"': '"', "?": "?",
}  # fmt: skip
_ANSI_NUMBER = re.compile(r"x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3})")
_CMD = re.compile(r"\^\"|\^[ \t]*\r?\n|\^[ \t]*\Z")

Commands = list[list[str]]


def split_commands(text: str, notes: Notes) -> Commands:
    """The words of each command. Faults go to `notes`; they never repeat a word."""
    if any(mark in text for mark in MARKS) or "\0" in text:
        notes.fault(PLACE, "the command holds a character that no command line has: paste it as plain text")
        return []
    if _CMD.search(text):
        return [words for words in [_windows_words(_without_carets(text), notes)] if words]
    return _Bash(text.replace("\r\n", "\n"), notes).commands()


class _Bash:
    """Quoting of POSIX section 2.2, with bash's `$'…'`."""

    def __init__(self, text: str, notes: Notes) -> None:
        self._text = text
        self._at = 0
        self._notes = notes
        self._found: Commands = [[]]
        self._word: list[str] | None = None
        self._skipping = False

    def commands(self) -> Commands:
        while self._at < len(self._text):
            self._step(self._next())
        self._end_command()
        return [words for words in self._found if words]

    def _next(self) -> str:
        self._at += 1
        return self._text[self._at - 1]

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _add(self, text: str) -> None:
        self._word = self._word or []
        self._word.append(text)

    def _step(self, character: str) -> None:
        match character:
            case " " | "\t":
                self._end_word()
            case "\n" | ";" | "&":
                self._end_command()
            case "|" | ">" | "<":
                self._end_word()
                self._skip_rest(character)
            case "#" if self._word is None:
                self._to_line_end()
            case "\\":
                self._escaped()
            case "'":
                self._add(self._until("'"))
            case '"':
                self._double_quoted()
            case "$" | "`":
                self._dollar(character, quoted=False)
            case _:
                self._add(character)

    def _end_word(self) -> None:
        if self._word is not None and not self._skipping:
            self._found[-1].append("".join(self._word))
        self._word = None

    def _end_command(self) -> None:
        self._end_word()
        self._skipping = False
        if self._found[-1]:
            self._found.append([])

    def _skip_rest(self, operator: str) -> None:
        if not self._skipping and self._found[-1]:
            self._notes.warn(PLACE, f"what follows {operator!r} is no part of the request and is ignored")
        self._skipping = True

    def _to_line_end(self) -> None:
        end = self._text.find("\n", self._at)
        self._at = len(self._text) if end < 0 else end

    def _escaped(self) -> None:
        if not self._peek():
            return
        character = self._next()
        if character != "\n":
            self._add(character)

    def _until(self, mark: str) -> str:
        end = self._text.find(mark, self._at)
        if end < 0:
            self._unclosed(mark)
            return ""
        text = self._text[self._at : end]
        self._at = end + 1
        return text

    def _unclosed(self, mark: str) -> None:
        line = self._text.count("\n", 0, self._at) + 1
        column = self._at - (self._text.rfind("\n", 0, self._at) + 1)
        message = f"the quote {mark} is opened and not closed: paste the whole command"
        self._notes.fault(PLACE, message, line=line, column=max(column, 1))
        self._at = len(self._text)

    def _double_quoted(self) -> None:
        self._add("")
        opened = self._at
        while self._peek():
            match self._next():
                case '"':
                    return
                case "\\" if self._peek() and self._peek() in '$`"\\\n':
                    escaped = self._next()
                    self._add("" if escaped == "\n" else escaped)
                case "$" | "`" as character:
                    self._dollar(character, quoted=True)
                case character:
                    self._add(character)
        self._at = opened
        self._unclosed('"')

    def _dollar(self, character: str, *, quoted: bool) -> None:
        if character == "`" or self._peek() == "(":
            message = "the command runs another one (`…` or $(…)): put in what that one prints"
            self._notes.fault(PLACE, message)
            self._add("")
            self._at += character == "$"
            return
        if not quoted and self._peek() in ("'", '"') and self._peek():
            if self._next() == '"':
                self._double_quoted()
            else:
                self._ansi_quoted()
            return
        braced = self._peek() == "{"
        name = _NAME.match(self._text, self._at + braced)
        if name and (not braced or self._text[name.end() : name.end() + 1] == "}"):
            self._at = name.end() + braced
            self._add(f"\ue000{name[0]}\ue001")
        else:
            self._add("$")

    def _ansi_quoted(self) -> None:
        self._add("")
        opened = self._at
        pieces: list[str] = []
        while self._peek():
            match self._next():
                case "'":
                    self._add(_joined_surrogates("".join(pieces)))
                    return
                case "\\":
                    pieces.append(self._ansi_escape())
                case character:
                    pieces.append(character)
        self._at = opened
        self._unclosed("$'")

    def _ansi_escape(self) -> str:
        number = _ANSI_NUMBER.match(self._text, self._at)
        if number:
            self._at = number.end()
            digits = number[1] or number[2] or number[3]
            code = int(digits, 16) if digits else int(number[4], 8) & 0xFF
            return chr(code) if code <= 0x10FFFF else "\N{REPLACEMENT CHARACTER}"
        character = self._next() if self._peek() else ""
        return _ANSI.get(character, f"\\{character}")


def _joined_surrogates(text: str) -> str:
    """Browsers write a character beyond U+FFFF as two halves."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _without_carets(text: str) -> str:
    """What the command prompt hands to a program: outside of quotes `^` takes the next character as it
    is, and a line break with it."""
    out: list[str] = []
    quoted = False
    position = 0
    text = text.replace("\r\n", "\n").strip()
    while position < len(text):
        character = text[position]
        position += 1
        if character == "^" and not quoted:
            following = text[position : position + 1]
            position += 1
            if following == "\n":
                # `^`, line break, line break: the second one is meant.
                following = text[position : position + 1]
                position += 1
            out.append(following)
            continue
        quoted ^= character == '"'
        out.append(character)
    return "".join(out)


def _windows_words(text: str, notes: Notes) -> list[str]:
    """The argument rules of the Microsoft C runtime: backslashes count only before a quote."""
    words: list[str] = []
    word: list[str] | None = None
    quoted = False
    position = 0
    while position < len(text):
        character = text[position]
        if character in " \t\n" and not quoted:
            if word is not None:
                words.append("".join(word))
            word = None
            position += 1
            continue
        word = word or []
        slashes = len(text) - position - len(text[position:].lstrip("\\"))
        if slashes and text[position + slashes : position + slashes + 1] == '"':
            word.append("\\" * (slashes // 2))
            position += slashes
            if slashes % 2:
                word.append('"')
                position += 1
            continue
        if slashes:
            word.append("\\" * slashes)
            position += slashes
            continue
        if character == '"':
            # Two in a row inside quotes are one that is meant.
            doubled = quoted and text[position + 1 : position + 2] == '"'
            word.append('"' if doubled else "")
            quoted ^= not doubled
            position += 1 + doubled
            continue
        word.append(character)
        position += 1
    if quoted:
        notes.fault(PLACE, 'the quote " is opened and not closed: paste the whole command')
    if word is not None:
        words.append("".join(word))
    return words
