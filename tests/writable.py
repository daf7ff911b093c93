"""Desks on 127.0.0.1 that take notes and tags, in the documented shapes of their APIs."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bench.desk_server import Asked, Reply, Server
from bench.desk_world import Talk
from bench.desk_zendesk import Zendesk
from tests import desks

Take = Callable[["Writing", Talk, Any], None]
_GONE: Reply = (404, {}, {"error": "not found"})


def take_note(*path: str) -> Take:
    """Take an internal note from a place in the body."""

    def take(server: "Writing", talk: Talk, body: Any) -> None:
        for name in path:
            body = body[name]
        server.world.add(talk, body, author="agent")

    return take


def take_tags(name: str, *, is_added: bool = False, is_one: bool = False) -> Take:
    """Take tags: all of them, or those that are added."""

    def take(server: "Writing", talk: Talk, body: Any) -> None:
        new = [body[name]] if is_one else body[name]
        assert isinstance(new, list)
        assert all(isinstance(tag, str) for tag in new)
        old = [*talk.tags] if is_added or is_one else []
        talk.tags = tuple(dict.fromkeys([*old, *new]))
        talk.changed = server.world.now

    return take


@dataclass
class Writing(Server):
    """A desk that is written to. `before_reply` is called when it has taken something."""

    writes: tuple[tuple[str, str, Take], ...] = ()
    keys: list[str] = field(default_factory=list)
    """The idempotency key of each write that was taken."""
    closed: set[int] = field(default_factory=set)
    n_lost: int = 0
    """So many replies get lost: what was written is there, and the answer is 502."""
    before_reply: Callable[[], None] = lambda: None

    def answer(self, asked: Asked) -> Reply:
        for method, pattern, take in self.writes:
            match = re.fullmatch(pattern, asked.path)
            if match and asked.method == method:
                return self._take(take, asked, match)
        return super().answer(asked)  # type: ignore[safe-super]

    def _take(self, take: Take, asked: Asked, match: re.Match[str]) -> Reply:
        body = asked.body
        number = match[1] if match.groups() else body.get("ticket_id", body.get("o_id"))
        talk = self.world.talks.get(int(number))
        if talk is None or talk.is_deleted:
            return _GONE
        if talk.id in self.closed:
            return 422, {}, {"error": "RecordInvalid", "description": "Status: closed"}
        take(self, talk, body)
        self.keys.append(asked.headers["idempotency-key"])
        self.before_reply()
        if self.n_lost:
            self.n_lost -= 1
            return 502, {}, b"bad gateway"
        return 201, {}, {"id": 1}


class WritingZendesk(Writing, Zendesk):
    """https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#update-ticket"""


class WritingIntercom(Writing, desks.Intercom):
    """https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations"""


class WritingFreshdesk(Writing, desks.Freshdesk):
    """https://developers.freshdesk.com/api/#add_note_to_a_ticket"""


class WritingChatwoot(Writing, desks.Chatwoot):
    """https://developers.chatwoot.com/api-reference/conversation-labels/add-labels"""


class WritingZammad(Writing, desks.Zammad):
    """https://docs.zammad.org/en/latest/api/ticket/articles.html"""


_ACCOUNT = "/api/v1/accounts/3/conversations"
WRITABLE: dict[str, tuple[Any, dict[str, tuple[str, str, Take]]]] = {
    "zendesk": (WritingZendesk, {
        "note": ("PUT", r"/api/v2/tickets/(\d+)\.json", take_note("ticket", "comment", "body")),
        "tags": ("PUT", r"/api/v2/tickets/(\d+)/tags\.json", take_tags("tags", is_added=True)),
    }),
    "intercom": (WritingIntercom, {
        "note": ("POST", r"/conversations/(\d+)/reply", take_note("body")),
    }),
    "freshdesk": (WritingFreshdesk, {
        "note": ("POST", r"/api/v2/tickets/(\d+)/notes", take_note("body")),
        "tags": ("PUT", r"/api/v2/tickets/(\d+)", take_tags("tags")),
    }),
    "chatwoot": (WritingChatwoot, {
        "note": ("POST", rf"{_ACCOUNT}/(\d+)/messages", take_note("content")),
        "tags": ("POST", rf"{_ACCOUNT}/(\d+)/labels", take_tags("labels")),
    }),
    "zammad": (WritingZammad, {
        "note": ("POST", r"/api/v1/ticket_articles", take_note("body")),
        "tags": ("POST", r"/api/v1/tags/add", take_tags("item", is_one=True)),
    }),
}  # fmt: skip
"""Each desk, and what it takes."""
