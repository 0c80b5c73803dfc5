"""The connector document: what an admin writes (REFERENCE section 2)."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from sealgate.model.authentication import Authentication
from sealgate.model.permalink import PATTERN

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
HEADER_NAME = r"^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$"


class Document(BaseModel):
    """Unknown members are ignored here; the check warns of them."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


def absent_when_null(value: Any) -> Any:
    return [] if value is None else value


def empty_when_null(value: Any) -> Any:
    return "" if value is None else value


class Row(Document):
    """A header or a query parameter: always sent; the caller may replace it only when `overridable`."""

    key: str
    value: Annotated[str, BeforeValidator(empty_when_null)] = Field(
        "", max_length=1000, description="A template; written for its place."
    )
    overridable: bool = Field(False, description="Whether the caller may send a value of its own.")


class HeaderRow(Row):
    key: str = Field(
        min_length=1, max_length=255, pattern=HEADER_NAME, description="Field name (RFC 9110 section 5.1)."
    )


class QueryRow(Row):
    key: str = Field(min_length=1, max_length=255, description="Parameter name.")


class PathRow(Document):
    """A path parameter that the URL reads as `{{ pathParams.<key> }}`. `value` and `overridable` are
    accepted as the original accepts them and mean nothing."""

    key: str = Field(min_length=1, max_length=255, description="Name used in the URL and by the caller.")
    value: str | None = None
    overridable: bool | None = None


class Exchange(Document):
    """One HTTP exchange: what a connector and a step of a composite connector have in common. Every
    string marked as a template is Jinja2 (REFERENCE section 4)."""

    name: Annotated[str, StringConstraints(strip_whitespace=True)] = Field(
        min_length=1, max_length=255, description="What people call it."
    )
    url: str = Field(
        min_length=1,
        max_length=2048,
        description="Where the call goes: https. A template in path and query; the host may be a variable.",
    )
    method: Method = Field("GET", description="The one HTTP method of this connector.")
    headers: Annotated[list[HeaderRow], BeforeValidator(absent_when_null)] = Field(
        default_factory=list, description="Header fields sent with every call."
    )
    query_parameters: Annotated[list[QueryRow], BeforeValidator(absent_when_null)] = Field(
        default_factory=list, description="Query parameters appended to the URL's own."
    )
    authentication: Authentication | None = Field(
        None, description="How the gateway proves itself to the API; absent means none."
    )
    request_body: Annotated[str, BeforeValidator(empty_when_null)] = Field(
        "", description="A template whose output replaces the caller's body (POST, PUT, PATCH)."
    )
    response_body: Annotated[str, BeforeValidator(empty_when_null)] = Field(
        "", description="A template whose output replaces the API's body."
    )
    response_content_type: Annotated[str, BeforeValidator(empty_when_null)] = Field(
        "", max_length=255, description="Replaces the API's Content-Type; literal."
    )
    scrub_response: bool = Field(
        False, description="Whether secrets are scrubbed from successful replies, too (others always are)."
    )
    share_cached: bool = Field(
        False,
        description="Whether a cached response that says `public` may answer callers with another identity.",
    )


class Connector(Exchange):
    """One connector."""

    path_parameters: Annotated[list[PathRow], BeforeValidator(absent_when_null)] = Field(
        default_factory=list, description="Path parameters that the caller gives."
    )
    permalink: str | None = Field(
        None,
        max_length=255,
        pattern=PATTERN,
        description="The name that callers use; derived from `name` when absent.",
    )
    forward_query: bool = Field(
        True, description="Whether query parameters that are not declared here go to the API."
    )

    def normalised(self) -> dict[str, Any]:
        """The document as stored: every member, defaults written out, aliases resolved."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    def with_permalink(self, permalink: str) -> Self:
        return self.model_copy(update={"permalink": permalink})
