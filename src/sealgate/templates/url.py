"""URL templates: compiled to a destination and a path with query, rendered to exact bytes (REFERENCE 6)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sealgate.errors import UrlInvalid
from sealgate.findings import Finding
from sealgate.host import SplitUrl, UrlProblem, split_url
from sealgate.message import Origin
from sealgate.secret import reveal
from sealgate.templates.analysis import References
from sealgate.templates.compiling import TemplateInvalid, compile_template
from sealgate.templates.context import Context
from sealgate.templates.fields import CONNECTOR, Field, Vocabulary
from sealgate.templates.limits import Limits
from sealgate.templates.template import Template
from sealgate.templates.url_host import Destination, HostReader, literal_origin
from sealgate.templates.url_source import PathAndQuery, UrlSource, has_dot_segment

MAX_LENGTH = 2048
"""Characters of a URL template (REFERENCE 6.1)."""


@dataclass(frozen=True, slots=True)
class UrlTemplate:
    """A compiled URL. `origin` is known when the host holds no Variable; `query_names` are the decoded
    names of the parameters in the URL's own query; `path_params` the caller's values that it reads."""

    source: str
    references: References
    warnings: tuple[Finding, ...]
    path_params: tuple[str, ...]
    origin: Origin | None
    query_names: frozenset[str]
    _destination: Destination
    _path_and_query: Template
    _constant: SplitUrl | None

    def render(self, context: Context) -> SplitUrl:
        """The URL of one run, its path and query as they go out.

        Raises UrlInvalid, VariableNotFound, and what rendering a template raises."""
        if self._constant:
            return self._constant
        origin, base_path = (self.origin, "") if self.origin else self._destination.resolve(context)
        rest = reveal(self._path_and_query.render(context))
        try:
            url = split_url(f"{origin}{base_path}{rest}")
        except UrlProblem as problem:
            raise UrlInvalid(f"the rendered URL is refused: {problem}") from None
        if has_dot_segment(url.path):
            raise UrlInvalid(
                "the rendered URL has a path segment `.` or `..`: a value must not lead to another path"
            )
        return url


def compile_url(
    source: str,
    limits: Limits = Limits(),  # noqa: B008 (a frozen value)
    vocabulary: Vocabulary = CONNECTOR,
) -> UrlTemplate:
    """Check and compile a URL template.

    Whether the destination may be reached is for egress to say. Raises TemplateInvalid with every
    fault at once."""
    if len(source) > MAX_LENGTH:
        raise TemplateInvalid((_too_long(source),))
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    url = UrlSource(text)
    head = HostReader(url)
    tail = PathAndQuery(url, head.end)
    faults = [*head.faults, *tail.faults()]
    try:
        rest = text if head.faults else _without_head(text, head.begin, head.end)
        template = compile_template(rest, Field.URL, limits, vocabulary)
    except TemplateInvalid as error:
        raise TemplateInvalid((*faults, *error.faults)) from None
    if faults or head.destination is None:
        raise TemplateInvalid(tuple(faults))
    origin = literal_origin(head.destination)
    references = _with_variables(template.references, head.destination)
    return UrlTemplate(
        source=source,
        references=references,
        warnings=(*template.warnings, *tail.warnings()),
        path_params=tuple(sorted(references.path_params)),
        origin=origin,
        query_names=tail.query_names(),
        _destination=head.destination,
        _path_and_query=template,
        _constant=_constant(origin, template),
    )


def _constant(origin: Origin | None, template: Template) -> SplitUrl | None:
    """The URL when nothing in it depends on the run."""
    if origin is None or template.constant is None:
        return None
    try:
        return split_url(f"{origin}{template.constant}")
    except UrlProblem:  # a forgotten template: every run answers it
        return None


def _with_variables(references: References, destination: Destination) -> References:
    """The references of path and query, and the Variables of the host."""
    variables = frozenset(variable.name for variable in destination.variables)
    if not variables:
        return references
    return replace(
        references,
        names=references.names | {"get_variable"},
        variables=references.variables | variables,
    )


def _without_head(source: str, begin: int, end: int) -> str:
    """The template without its host, which is no matter of rendering. A comment as long as the host
    takes its place, so that lines and columns stay right."""
    comment = "".join(character if character == "\n" else "#" for character in source[begin:end])
    return f"{source[:begin]}{{#{comment[2:-2]}#}}{source[end:]}"


def _too_long(source: str) -> Finding:
    message = f"a URL has at most {MAX_LENGTH:,} characters, this one has {len(source):,}"
    return Finding("", message, hint="move parameters to query_parameters")
