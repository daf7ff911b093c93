"""How a helpdesk's API is read: what differs between desks, as data.

Every desk is read in the same two steps. A *listing* names the conversations that changed since a
time, page by page; a second request reads the *parts* of each. A description says which requests
these are, how they are paged, and where the answers have what the contract asks for. Paths into
answers are those of `nlp.sources.columns.lookup`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from pydantic import ConfigDict

from nlp.sources.turns import Turns


class Manner(StrEnum):
    """How the next page of an answer is asked for."""

    ONE = "one"
    """There is one page."""
    CURSOR = "cursor"
    """The answer holds a cursor or the address of the next page."""
    LINK = "link"
    """The header `Link` names the next page, as RFC 8288 says."""
    PAGE = "page"
    """Pages have numbers from 1; an empty or short one is the last."""
    TIME = "time"
    """The next page begins at the time of the last row: a page that changes loses nothing."""
    BEFORE = "before"
    """The next page is what comes before the first row: by its id."""


_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Paging:
    """How one request is paged."""

    __pydantic_config__ = _STRICT

    manner: Manner = Manner.ONE
    next: str = ""
    """Path of the cursor, or of the address of the next page, in the answer."""
    param: str = ""
    """Parameter, or path in the body, that takes the cursor, the number or the id. Empty where
    `next` is an address."""
    more: str = ""
    """Path that is true where there is more; `!` before it where it is true at the end."""
    size: int = 100
    """Rows of a full page."""


@dataclass(frozen=True)
class Request:
    """One request, `{id}` and `{since}` filled in, and where its answer has the rows."""

    __pydantic_config__ = _STRICT

    path: str
    rows: str = ""
    """Path of the rows in the answer; empty where the answer itself is the list."""
    method: Literal["GET", "POST"] = "GET"
    params: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    paging: Paging = Paging()


@dataclass(frozen=True)
class Write:
    """One request that writes to a conversation.

    `{id}`, `{user}` and the note or tags are filled into path and body: `{note}`, `{tags}` as a
    list, or `{tag}` for a request each.
    """

    __pydantic_config__ = _STRICT

    path: str
    body: Mapping[str, Any]
    method: Literal["POST", "PUT", "PATCH"] = "POST"
    is_html: bool = False
    """Whether the note is HTML."""
    replaces: str = ""
    """Path, in the conversation, of the tags that the request replaces; empty where it adds."""


@dataclass(frozen=True)
class Join:
    """Objects that an answer holds beside its rows, put into the row that names them."""

    __pydantic_config__ = _STRICT

    by: str
    """Path in the row of the id."""
    among: str
    """Path in the answer of the list of objects."""
    name: str
    """Under which the object is put into the row."""


@dataclass(frozen=True)
class Auth:
    """How the token is sent; `{token}` and `{user}` are filled in."""

    __pydantic_config__ = _STRICT

    value: str = "Bearer {token}"
    header: str = "Authorization"
    is_basic: bool = False
    """Whether the value is `user:password`, to be sent as HTTP Basic."""
    needs_user: bool = False


@dataclass(frozen=True)
class Description:
    """How one desk is read."""

    __pydantic_config__ = _STRICT

    listing: Request
    columns: Mapping[str, str]
    """Fields of the contract, by their path in the conversation with one part in it as `turn`."""
    turns: Turns = field(default_factory=lambda: Turns(at=("parts",)))
    """Where the parts are in a conversation, and who wrote them."""
    parts: Request | None = None
    """The second request; None where the listing holds everything."""
    into: str = "parts"
    """Where its rows are put into the conversation. Empty: its answer is the conversation."""
    one: str = ""
    """Path of a request for one conversation, to tell whether it still exists; a desk without it
    says by the listing alone that one is deleted."""
    one_at: str = ""
    """Path of the conversation in its answer."""
    note: Write | None = None
    """How an internal note is written; None where it cannot be."""
    tags: Write | None = None
    """How tags are added."""
    auth: Auth = Auth()
    headers: Mapping[str, str] = field(default_factory=dict)
    id: str = "id"
    updated: str = "updated_at"
    """Path of what changes with every change of the conversation."""
    time: str = ""
    """Path of the time that the listing is ordered by, where it is another one."""
    created: str = "created_at"
    times: Literal["iso", "epoch"] = "iso"
    """Form of the times that the desk writes and takes."""
    overlap_seconds: int = 300
    """The listing begins so long before the day: the clocks of a desk's servers differ."""
    attributes: tuple[str, ...] = ()
    joins: tuple[Join, ...] = ()
    is_gone: Mapping[str, str] = field(default_factory=dict)
    """Paths whose value, in lower case, says that a conversation is deleted."""
    part_is_gone: Mapping[str, str] = field(default_factory=dict)
    """The same for a part."""
    first_id: str = ""
    """Id of the conversation's own first message where it has none: `ticket-{id}`."""
    ends_at_since: bool = False
    """Whether the listing is not bounded by the time: newest first, read until older ones come."""
    base: str = ""
    """Address of the API where every customer has the same."""
    documented: tuple[str, ...] = ()
    """Where the API is documented."""
