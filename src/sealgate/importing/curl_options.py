"""The options of curl that a pasted command has, and what each means for a connector (`man curl`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from sealgate.importing.proposal import Notes
from sealgate.importing.shell_words import PLACE


class Effect(Enum):
    """What becomes of an option."""

    USED = "is taken over"
    SILENT = "changes what curl shows, not the request"
    IGNORED = "is left out"
    REFUSED = "cannot be taken over"


@dataclass(frozen=True, slots=True)
class Option:
    """`name` is the long one. `reason` is said when the option is left out or refused."""

    name: str
    takes_value: bool
    effect: Effect
    reason: str = ""


_SHORT = {
    "X": "--request", "H": "--header", "d": "--data", "G": "--get", "u": "--user", "A": "--user-agent",
    "e": "--referer", "b": "--cookie", "k": "--insecure", "L": "--location", "F": "--form", "I": "--head",
    "g": "--globoff", "s": "--silent", "S": "--show-error", "v": "--verbose", "i": "--include",
    "f": "--fail", "o": "--output", "O": "--remote-name", "w": "--write-out", "m": "--max-time",
    "x": "--proxy", "U": "--proxy-user", "E": "--cert", "K": "--config", "n": "--netrc", "T": "--upload-file",
    "c": "--cookie-jar", "j": "--junk-session-cookies", "N": "--no-buffer", "#": "--progress-bar",
    "D": "--dump-header", "J": "--remote-header-name", "4": "--ipv4", "6": "--ipv6", "0": "--http1.0",
    "1": "--tlsv1", "r": "--range", "z": "--time-cond", "C": "--continue-at", "Z": "--parallel",
    "q": "--disable", "y": "--speed-time", "Y": "--speed-limit", "a": "--append", "R": "--remote-time",
}  # fmt: skip

_USED = {
    "--request": True, "--header": True, "--data": True, "--data-ascii": True, "--data-raw": True,
    "--data-binary": True, "--data-urlencode": True, "--json": True, "--get": False, "--user": True,
    "--user-agent": True, "--referer": True, "--url": True, "--head": False, "--oauth2-bearer": True,
    "--url-query": True, "--basic": False, "--range": True,
}  # fmt: skip

_SILENT = {
    "--silent": False, "--show-error": False, "--verbose": False, "--include": False, "--show-headers": False,
    "--fail": False, "--fail-with-body": False, "--output": True, "--remote-name": False, "--write-out": True,
    "--no-buffer": False, "--progress-bar": False, "--dump-header": True, "--remote-header-name": False,
    "--globoff": False, "--compressed": False, "--trace": True, "--trace-ascii": True, "--trace-time": False,
    "--styled-output": False, "--no-progress-meter": False, "--disable": False, "--create-dirs": False,
    "--parallel": False, "--remote-time": False, "--stderr": True, "--path-as-is": False,
    "--output-dir": True, "--proto": True, "--proto-default": True, "--http1.1": False, "--http1.0": False,
    "--http2": False,
    "--http2-prior-knowledge": False, "--http3": False, "--tlsv1": False, "--tlsv1.0": False,
    "--tlsv1.1": False, "--tlsv1.2": False, "--tlsv1.3": False, "--ipv4": False, "--ipv6": False,
    "--keepalive-time": True, "--no-keepalive": False, "--tcp-nodelay": False, "--raw": False,
}  # fmt: skip

_TIMES = "the gateway has its own time limits"
_COOKIES = "cookies belong to a browser's session: a connector has a credential of its own"
_IGNORED = {
    "--insecure": (False, "the gateway always checks certificates"),
    "--location": (False, "the gateway follows no redirect: write the final URL"),
    "--location-trusted": (False, "the gateway follows no redirect: write the final URL"),
    "--max-redirs": (True, "the gateway follows no redirect"),
    "--post301": (False, "the gateway follows no redirect"),
    "--post302": (False, "the gateway follows no redirect"),
    "--post303": (False, "the gateway follows no redirect"),
    "--cookie": (True, _COOKIES),
    "--cookie-jar": (True, _COOKIES),
    "--junk-session-cookies": (False, _COOKIES),
    "--max-time": (True, _TIMES),
    "--connect-timeout": (True, _TIMES),
    "--speed-time": (True, _TIMES),
    "--speed-limit": (True, _TIMES),
    "--limit-rate": (True, _TIMES),
    "--retry": (True, "the gateway does not repeat a call"),
    "--retry-delay": (True, "the gateway does not repeat a call"),
    "--retry-max-time": (True, "the gateway does not repeat a call"),
    "--retry-all-errors": (False, "the gateway does not repeat a call"),
    "--retry-connrefused": (False, "the gateway does not repeat a call"),
    "--proxy": (True, "how the gateway reaches the network is the operator's setting"),
    "--proxy-user": (True, "how the gateway reaches the network is the operator's setting"),
    "--proxy-insecure": (False, "how the gateway reaches the network is the operator's setting"),
    "--noproxy": (True, "how the gateway reaches the network is the operator's setting"),
    "--interface": (True, "how the gateway reaches the network is the operator's setting"),
    "--resolve": (True, "the gateway resolves names itself"),
    "--connect-to": (True, "the gateway resolves names itself"),
    "--dns-servers": (True, "the gateway resolves names itself"),
    "--cacert": (True, "the operator names further certificate authorities: SEALGATE_EGRESS_CA_FILE"),
    "--capath": (True, "the operator names further certificate authorities: SEALGATE_EGRESS_CA_FILE"),
    "--ciphers": (True, "the gateway chooses TLS parameters itself"),
    "--ssl-reqd": (False, "a connector's URL is https anyway"),
}

_FORMS = "multipart forms are not supported: send JSON or a URL-encoded form if the API takes one"
_CERTIFICATES = "client certificates are not supported"
_REFUSED = {
    "--form": (True, _FORMS),
    "--form-string": (True, _FORMS),
    "--upload-file": (True, "a connector sends no file: put the content into --data-binary"),
    "--cert": (True, _CERTIFICATES),
    "--key": (True, _CERTIFICATES),
    "--pass": (True, _CERTIFICATES),
    "--cert-type": (True, _CERTIFICATES),
    "--config": (True, "only what stands in the command is read: put the file's options here"),
    "--netrc": (False, "only what stands in the command is read: write --user"),
    "--netrc-file": (True, "only what stands in the command is read: write --user"),
    "--netrc-optional": (False, "only what stands in the command is read: write --user"),
    "--digest": (False, "digest authentication is not supported"),
    "--ntlm": (False, "NTLM authentication is not supported"),
    "--negotiate": (False, "Negotiate authentication is not supported"),
    "--anyauth": (False, "say which authentication the API takes: --basic, or a header"),
    "--aws-sigv4": (True, "AWS signatures are not supported"),
    "--unix-socket": (True, "the gateway connects to hosts only"),
    "--abstract-unix-socket": (True, "the gateway connects to hosts only"),
    "--time-cond": (True, "the gateway has a cache of its own"),
    "--continue-at": (True, "a connector fetches no part of a file"),
    "--append": (False, "only http is supported"),
    "--next": (False, "paste one command at a time"),
}

OPTIONS: Mapping[str, Option] = {
    **{name: Option(name, value, Effect.USED) for name, value in _USED.items()},
    **{name: Option(name, value, Effect.SILENT) for name, value in _SILENT.items()},
    **{name: Option(name, value, Effect.IGNORED, why) for name, (value, why) in _IGNORED.items()},
    **{name: Option(name, value, Effect.REFUSED, why) for name, (value, why) in _REFUSED.items()},
}


def read_options(words: list[str], notes: Notes) -> Iterator[tuple[str, str]]:
    """`(long name, value)` of each option that is used, in their order; an argument is an `--url`."""
    reader = iter(words)
    only_arguments = False
    for word in reader:
        if only_arguments or not word.startswith("-") or word == "-":
            yield "--url", word
        elif word == "--":
            only_arguments = True
        elif word.startswith("--"):
            yield from _long(word, reader, notes)
        else:
            yield from _cluster(word, reader, notes)


def _long(word: str, reader: Iterator[str], notes: Notes) -> Iterator[tuple[str, str]]:
    name, equals, _ = word.partition("=")
    option = OPTIONS.get(name) or OPTIONS.get(name.replace("--no-", "--", 1))
    if option is None:
        _unknown(name, notes)
    elif equals:
        notes.fault(PLACE, f"curl takes no `=` after {name}: write a space", expression=name)
    else:
        yield from _taken(option, name, None, reader, notes)


def _cluster(word: str, reader: Iterator[str], notes: Notes) -> Iterator[tuple[str, str]]:
    """`-sSX POST`, `-XPOST`: the first letter that takes a value takes the rest, or the next word."""
    for position, letter in enumerate(word[1:], start=2):
        option = OPTIONS.get(_SHORT.get(letter, ""))
        if option is None:
            _unknown(f"-{letter}", notes)
            return
        rest = word[position:] if option.takes_value else ""
        yield from _taken(option, f"-{letter}", rest or None, reader, notes)
        if option.takes_value:
            return


def _taken(
    option: Option, written: str, attached: str | None, reader: Iterator[str], notes: Notes
) -> Iterator[tuple[str, str]]:
    value = attached or ""
    if option.takes_value and attached is None:
        following = next(reader, None)
        if following is None:
            notes.fault(PLACE, f"{written} needs a value and is the last word", expression=written)
            return
        value = following
    match option.effect:
        case Effect.USED:
            yield option.name, value
        case Effect.IGNORED:
            notes.warn(PLACE, f"{written} is left out: {option.reason}", expression=written)
        case Effect.REFUSED:
            notes.fault(PLACE, f"{written} cannot be taken over: {option.reason}", expression=written)
        case Effect.SILENT:
            pass


def _unknown(name: str, notes: Notes) -> None:
    message = f"the option {name[:40]} is not known here: remove it if the request does not need it"
    notes.fault(PLACE, message, expression=name[:40])
