"""One curl command as the request that it would send."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus, unquote

from sealgate.host import UrlProblem, split_url
from sealgate.importing.curl_options import read_options
from sealgate.importing.proposal import Notes
from sealgate.importing.shell_words import PLACE, VARIABLE, split_commands
from sealgate.message import Origin

FORM = "application/x-www-form-urlencoded"
MOST = 256 * 1024
"""Characters of a pasted text."""
_PARTS = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.-]*)://)?([^/?#]*)([^?#]*)(?:\?([^#]*))?(#.*)?", re.DOTALL)
_PROGRAM = re.compile(r"(?:.*[/\\])?curl(?:\.exe)?", re.IGNORECASE)
_PATH_KEPT = "/%:@!$&'()*+,;=~"
_QUERY_KEPT = _PATH_KEPT + "?[]"


@dataclass(slots=True)
class CurlCommand:
    """What one command sends. `query` is the URL's own, still encoded; `user` is `name:password`. Words
    may hold the marks of shell variables."""

    origin: Origin
    path: str
    query: str
    method: str
    headers: list[tuple[str, str]]
    body: str | None
    user: str | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"{self.origin}{self.path}"

    def header(self, name: str) -> str | None:
        """The value of the first header of this name."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


def read_commands(text: str, notes: Notes) -> list[CurlCommand]:
    """Every curl command of a pasted text. Faults go to `notes`, all of them."""
    if len(text) > MOST:
        notes.fault(PLACE, f"at most {MOST:,} characters are read; this has {len(text):,}")
        return []
    found = []
    for words in split_commands(text, notes):
        start = 1 if words[0] in ("$", ">", "%", "#") else 0
        if not words[start:] or not _PROGRAM.fullmatch(words[start]):
            message = "a command does not begin with `curl`: paste what the browser copies as cURL (bash)"
            notes.fault(PLACE, message, hint="a URL with `&` stands in quotes")
            continue
        command = _Reader(notes).read(words[start + 1 :])
        if command:
            found.append(command)
    if not found and not notes.faults:
        notes.fault(PLACE, "there is no curl command: paste one that begins with `curl`")
    return found


class _Reader:
    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._method: str | None = None
        self._urls: list[str] = []
        self._headers: list[tuple[str, str]] = []
        self._defaults: list[tuple[str, str]] = []
        self._data: list[str] | None = None
        self._json = ""
        self._is_json = False
        self._query: list[str] = []
        self._user: str | None = None
        self._get = self._head = False

    def read(self, words: list[str]) -> CurlCommand | None:
        for name, value in read_options(words, self._notes):
            self._take(name, value)
        if len(self._urls) != 1:
            message = "the command has no URL" if not self._urls else "the command has more than one URL"
            self._notes.fault(PLACE, f"{message}: paste one request")
            return None
        return self._command(self._urls[0])

    def _take(self, name: str, value: str) -> None:
        match name:
            case "--url":
                self._urls.append(value)
            case "--request":
                self._method = value.upper()
            case "--header":
                self._header(value)
            case "--user":
                self._user = value
            case "--oauth2-bearer":
                self._headers.append(("Authorization", f"Bearer {value}"))
            case "--user-agent":
                self._headers.append(("User-Agent", value))
            case "--referer":
                self._headers.append(("Referer", value.split(";auto")[0]))
            case "--range":
                self._headers.append(("Range", f"bytes={value}"))
            case "--get":
                self._get = True
            case "--head":
                self._head = True
            case "--url-query":
                self._query.append(self._url_encoded(value, name))
            case "--json":
                self._json += self._no_file(value, name)
                self._is_json = True
            case "--basic":
                pass
            case _:
                self._data = self._data or []
                encode = name == "--data-urlencode"
                raw = value if name == "--data-raw" else None
                plain = raw if raw is not None else value if encode else self._no_file(value, name)
                self._data.append(self._url_encoded(plain, name) if encode else plain)

    def _header(self, text: str) -> None:
        if text.startswith("@"):
            self._notes.fault(PLACE, "-H @file reads a file: paste the headers themselves", expression="-H")
            return
        name, colon, value = text.partition(":")
        if not colon:
            name, colon, value = text.partition(";")
            value = ""
        elif not value.strip():
            return  # `Name:` tells curl to leave a header of its own out
        if not colon or not name.strip():
            self._notes.fault(PLACE, "a header after -H is no `Name: value`", expression="-H")
            return
        self._headers.append((name.strip(), value.strip()))

    def _no_file(self, value: str, option: str) -> str:
        if value.startswith("@"):
            self._notes.fault(
                PLACE, f"{option} @… reads a file: put its content into the command", expression=option
            )
        return value

    def _url_encoded(self, text: str, option: str) -> str:
        """`content`, `=content` or `name=content`; `@file` and `name@file` are refused."""
        name, equals, content = text.partition("=")
        if (not equals and "@" in text) or "@" in name:
            self._no_file("@", option)
        if not equals:
            name, content = "", text
        encoded = "".join(
            part if index % 2 else quote(part, safe="") for index, part in enumerate(_apart(content))
        )
        return f"{name}={encoded}" if name else encoded

    def _command(self, text: str) -> CurlCommand | None:
        origin, path, own_query = self._address(text)
        if origin is None:
            return None
        data = None if self._data is None else "&".join(self._data)
        query = [own_query, *self._query]
        if self._get and data is not None:
            query.append(data)
            data = None
        if self._is_json:
            data = self._json
            self._default("Content-Type", "application/json")
            self._default("Accept", "application/json")
        elif data is not None:
            self._default("Content-Type", FORM)
        usual = "HEAD" if self._head else "GET" if data is None else "POST"
        return CurlCommand(
            origin=origin,
            path=path,
            query="&".join(part for part in query if part),
            method=self._method or usual,
            headers=self._headers,
            body=data,
            user=self._user,
        )

    def _default(self, name: str, value: str) -> None:
        if not any(key.lower() == name.lower() for key, _ in self._headers):
            self._headers.append((name, value))

    def _address(self, text: str) -> tuple[Origin | None, str, str]:
        match = _PARTS.fullmatch(text.strip())
        assert match, "the pattern matches every text"
        scheme, authority, path, query, _ = match.groups()
        if scheme is None:
            self._notes.warn(PLACE, "the URL has no scheme: https is taken")
        if "@" in authority:
            credentials, _, authority = authority.rpartition("@")
            self._user = self._user or unquote(credentials)
        if VARIABLE.search(authority + path):
            message = "the URL holds a shell variable: put its value in, or use a variable of the gateway"
            self._notes.fault(PLACE, message, hint="{{ get_variable('name') }} in `url`, after the import")
            return None, "", ""
        try:
            origin = split_url(f"{scheme or 'https'}://{authority}").origin
        except UrlProblem as problem:
            self._notes.fault(PLACE, f"the URL cannot be used: {problem}")
            return None, "", ""
        return origin, _encoded(path, _PATH_KEPT) or "/", _encoded(query or "", _QUERY_KEPT)


def _encoded(text: str, kept: str) -> str:
    """What cannot stand in a URL percent-encoded, what is encoded already left, marks untouched."""
    encoded = [
        part if index % 2 else quote(re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", part), safe=kept)
        for index, part in enumerate(_apart(text))
    ]
    return "".join(encoded)


def _apart(text: str) -> list[str]:
    """The text cut at its variables, each at an odd index with its marks."""
    parts, end = [], 0
    for match in VARIABLE.finditer(text):
        parts += [text[end : match.start()], match[0]]
        end = match.end()
    return [*parts, text[end:]]


def form_encoded(pairs: list[tuple[str, str]]) -> str:
    """The pairs as a form, marks of variables untouched."""
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs)
