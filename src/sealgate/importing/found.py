"""The secrets that an import meets, each with a name, in place of its value."""

from __future__ import annotations

from sealgate.importing.naming import Names, identifier
from sealgate.importing.proposal import ProposedSecret, literal
from sealgate.importing.shell_words import VARIABLE
from sealgate.secret import Secret


class FoundSecrets:
    """Turns credentials into `{{ get_secret('name') }}`. The same value twice is one secret; a shell
    variable is a secret of that name whose value is not known."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._by_value: dict[str, str] = {}
        self._found: dict[str, ProposedSecret] = {}

    @property
    def proposed(self) -> tuple[ProposedSecret, ...]:
        return tuple(self._found.values())

    def credential(self, text: str, *, base: str, kind: str, place: str, advice: str, host: str) -> str:
        """The template for a credential. One with variables in it is text around secrets."""
        if VARIABLE.search(text):
            return self.template(text, place=place, host=host)
        name = self._by_value.get(text)
        if name is None:
            name = self._names.secret(base, kind)
            self._by_value[text] = name
            self._found[name] = ProposedSecret(name, place, advice, Secret(text), (host,))
        return f"{{{{ get_secret('{name}') }}}}"

    def wanted(self, *, base: str, kind: str, place: str, advice: str, host: str) -> str:
        """The template for a credential that the input does not hold."""
        name = self._names.secret(base, kind)
        self._found[name] = ProposedSecret(name, place, advice, None, (host,))
        return f"{{{{ get_secret('{name}') }}}}"

    def template(self, text: str, *, place: str, host: str) -> str:
        """Text as a template that prints it, its shell variables as secrets."""
        parts, end = [], 0
        for match in VARIABLE.finditer(text):
            parts += [literal(text[end : match.start()]), self._variable(match[1], place, host)]
            end = match.end()
        return "".join([*parts, literal(text[end:])])

    def _variable(self, variable: str, place: str, host: str) -> str:
        name = identifier(variable)
        if name[0].isdigit():
            name = f"_{name}"
        advice = f"what the shell variable {variable} held"
        self._found.setdefault(name, ProposedSecret(name, place, advice, None, (host,)))
        return f"{{{{ get_secret('{name}') }}}}"
