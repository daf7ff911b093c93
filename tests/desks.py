"""The APIs of Intercom, Freshdesk, Chatwoot and Zammad on 127.0.0.1, in their documented shapes."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from bench.desk_server import Asked, Reply, Server
from bench.desk_world import Part, Talk, iso

_GONE: Reply = (404, {}, {"error": "not found"})
_CONVERSATION = re.compile(r"/conversations/(\d+)")
_TICKET = re.compile(r"/api/v2/tickets/(\d+)")
_REPLIES = re.compile(r"/api/v2/tickets/(\d+)/conversations")
_TALK = re.compile(r"/api/v1/accounts/3/conversations/(\d+)")
_MESSAGES = re.compile(r"/api/v1/accounts/3/conversations/(\d+)/messages")
_ARTICLES = re.compile(r"/api/v1/ticket_articles/by_ticket/(\d+)")
_ZAMMAD = re.compile(r"/api/v1/tickets/(\d+)")


@dataclass
class Desk(Server):
    """What these four have in common."""

    page: int = 3
    """Rows of a page, where the request does not say it."""

    def talk(self, number: str) -> Talk | None:
        """The conversation of a number, None where it is deleted."""
        found = self.world.talks.get(int(number))
        return None if found is None or found.is_deleted else found


@dataclass
class Intercom(Desk):
    """https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations"""

    def is_allowed(self, asked: Asked) -> bool:
        return asked.headers.get("authorization") == f"Bearer {self.token}"

    def answer(self, asked: Asked) -> Reply:
        assert asked.headers["intercom-version"]
        if (asked.method, asked.path) == ("POST", "/conversations/search"):
            return self._search(asked.body)
        found = _CONVERSATION.fullmatch(asked.path)
        talk = self.talk(found[1]) if found else None
        return (200, {}, self._whole(talk)) if talk else _GONE

    def _search(self, body: Any) -> Reply:
        query = body["query"]
        assert (query["field"], query["operator"]) == ("updated_at", ">")
        assert type(query["value"]) is int
        size = min(body["pagination"]["per_page"], self.page)
        found = [t for t in self.world.living() if t.changed.timestamp() > query["value"]]
        after = body["pagination"].get("starting_after")
        keys = [f"{int(t.changed.timestamp())}-{t.id}" for t in found]
        rest = [t for t, key in zip(found, keys, strict=True) if after is None or key > after]
        more = len(rest) > size
        last = rest[:size][-1] if rest else None
        cursor = last and f"{int(last.changed.timestamp())}-{last.id}"
        pages = {"type": "pages", "per_page": size}
        next_page = {"next": {"page": 2, "starting_after": cursor}} if more else {}
        return 200, {}, {
            "type": "conversation.list", "total_count": len(found),
            "pages": {**pages, **next_page},
            "conversations": [self._head(t) for t in rest[:size]],
        }  # fmt: skip

    def _whole(self, talk: Talk) -> dict[str, Any]:
        parts = [self._part(p, talk) for p in talk.parts[1:]]
        parts.append({"type": "conversation_part", "id": 1, "part_type": "close", "body": None,
                      "created_at": 1, "author": {"type": "admin", "id": "7"}})  # fmt: skip
        return {
            **self._head(talk),
            "conversation_parts": {
                "type": "conversation_part.list", "conversation_parts": parts,
                "total_count": len(parts),
            },
        }  # fmt: skip

    @staticmethod
    def _part(part: Part, talk: Talk) -> dict[str, Any]:
        kind = {"customer": "user", "agent": "admin", "bot": "bot"}[part.author]
        return {
            "type": "conversation_part", "id": str(part.id), "part_type": "comment",
            "body": f"<p>{part.text}</p>", "created_at": int(part.at.timestamp()),
            "author": {"type": kind, "id": str(talk.requester)}, "attachments": [{"name": "a.png"}],
            "redacted": part.is_deleted,
        }  # fmt: skip

    @staticmethod
    def _head(talk: Talk) -> dict[str, Any]:
        first = talk.parts[0]
        return {
            "type": "conversation", "id": str(talk.id), "title": None,
            "created_at": int(talk.created.timestamp()),
            "updated_at": int(talk.changed.timestamp()),
            "source": {"type": "conversation", "id": str(first.id), "subject": "",
                       "body": f"<p>{first.text}</p>",
                       "author": {"type": "user", "id": str(talk.requester)}},
            "contacts": {"type": "contact.list", "contacts": [{"id": str(talk.requester)}]},
            "tags": {"type": "tag.list", "tags": [{"id": "1", "name": t} for t in talk.tags]},
            "custom_attributes": {"plan": "Pro"}, "state": "open", "priority": "not_priority",
        }  # fmt: skip


@dataclass
class Freshdesk(Desk):
    """https://developers.freshdesk.com/api/#list_all_tickets"""

    def is_allowed(self, asked: Asked) -> bool:
        return asked.basic == f"{self.token}:X"

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/api/v2/tickets":
            return self._list(asked)
        if found := _REPLIES.fullmatch(asked.path):
            talk = self.talk(found[1])
            return self._replies(talk, asked) if talk else _GONE
        found = _TICKET.fullmatch(asked.path)
        talk = self.talk(found[1]) if found else None
        return (200, {}, self._ticket(talk)) if talk else _GONE

    def _list(self, asked: Asked) -> Reply:
        assert (asked.query["order_by"], asked.query["order_type"]) == ("updated_at", "asc")
        since = dt.datetime.fromisoformat(asked.query["updated_since"])
        size, page = int(asked.query["per_page"]), int(asked.query.get("page", 1))
        found = [t for t in self.world.living() if t.changed >= since]
        rows = found[(page - 1) * size : page * size]
        return 200, {}, [self._ticket(t) for t in rows]

    def _replies(self, talk: Talk, asked: Asked) -> Reply:
        size, page = self.page, int(asked.query.get("page", 1))
        rows = talk.parts[1:][(page - 1) * size : page * size]
        more = len(talk.parts) - 1 > page * size
        link = f'<{self.url}{asked.path}?page={page + 1}>; rel="next"'
        return 200, {"Link": link} if more else {}, [
            {
                "id": p.id, "user_id": talk.requester if p.author == "customer" else 7,
                "incoming": p.author == "customer", "private": False, "source": 0,
                "body": f"<div>{p.text}</div>", "body_text": p.text, "attachments": [],
                "ticket_id": talk.id, "created_at": iso(p.at),
            }
            for p in rows
        ]  # fmt: skip

    @staticmethod
    def _ticket(talk: Talk) -> dict[str, Any]:
        return {
            "id": talk.id, "subject": talk.subject, "requester_id": talk.requester, "source": 2,
            "status": 2, "priority": 1, "type": "Question", "tags": list(talk.tags),
            "custom_fields": {"cf_plan": "Pro"}, "description_text": talk.parts[0].text,
            "description": f"<div>{talk.parts[0].text}</div>", "spam": False,
            "created_at": iso(talk.created), "updated_at": iso(talk.changed),
        }  # fmt: skip


@dataclass
class Chatwoot(Desk):
    """https://developers.chatwoot.com/api-reference/conversations/conversations-list"""

    def is_allowed(self, asked: Asked) -> bool:
        return asked.headers.get("api_access_token") == self.token

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/api/v1/accounts/3/conversations":
            assert asked.query["status"] == "all"
            page = int(asked.query.get("page", 1))
            found = list(self.world.living())[::-1][(page - 1) * self.page : page * self.page]
            data = {"meta": {"all_count": 1}, "payload": [self._head(t) for t in found]}
            return 200, {}, {"data": data}
        if found := _MESSAGES.fullmatch(asked.path):
            talk = self.talk(found[1])
            return self._messages(talk, asked) if talk else _GONE
        found = _TALK.fullmatch(asked.path)
        talk = self.talk(found[1]) if found else None
        return (200, {}, self._head(talk)) if talk else _GONE

    def _messages(self, talk: Talk, asked: Asked) -> Reply:
        before = int(asked.query.get("before", 10**12))
        rows = [p for p in talk.parts if p.id < before][-20:]
        return 200, {}, {"meta": {}, "payload": [self._message(p, talk) for p in rows]}

    @staticmethod
    def _message(part: Part, talk: Talk) -> dict[str, Any]:
        kind = {"customer": (0, "contact"), "agent": (1, "user"), "bot": (1, "agent_bot")}
        number, sender = kind[part.author]
        return {
            "id": part.id, "message_type": number, "private": False, "content_type": "text",
            "content": "This message was deleted" if part.is_deleted else part.text,
            "content_attributes": {"deleted": True} if part.is_deleted else {},
            "created_at": int(part.at.timestamp()), "conversation_id": talk.id,
            "sender": {"id": talk.requester, "type": sender},
        }  # fmt: skip

    @staticmethod
    def _head(talk: Talk) -> dict[str, Any]:
        return {
            "id": talk.id, "account_id": 3, "status": "open", "labels": list(talk.tags),
            "custom_attributes": {"plan": "Pro"}, "priority": None, "additional_attributes": {},
            "meta": {"sender": {"id": talk.requester}, "channel": "Channel::WebWidget"},
            "created_at": int(talk.created.timestamp()),
            "last_activity_at": int(talk.changed.timestamp()),
            "timestamp": int(talk.changed.timestamp()),
        }  # fmt: skip


@dataclass
class Zammad(Desk):
    """https://docs.zammad.org/en/latest/api/ticket/index.html"""

    def is_allowed(self, asked: Asked) -> bool:
        return asked.headers.get("authorization") == f"Token token={self.token}"

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/api/v1/tickets/search":
            return self._search(asked)
        if found := _ARTICLES.fullmatch(asked.path):
            talk = self.talk(found[1])
            return (200, {}, [self._article(p, talk) for p in talk.parts]) if talk else _GONE
        found = _ZAMMAD.fullmatch(asked.path)
        talk = self.talk(found[1]) if found else None
        return (200, {}, self._ticket(talk)) if talk else _GONE

    def _search(self, asked: Asked) -> Reply:
        query = asked.query
        assert (query["sort_by"], query["order_by"], query["expand"]) == (
            "updated_at", "asc", "true",
        )  # fmt: skip
        since = re.fullmatch(r'updated_at:\["(.*)" TO \*\]', query["query"])
        assert since
        size, page = int(query["per_page"]), int(query.get("page", 1))
        start = dt.datetime.fromisoformat(since[1])
        found = [t for t in self.world.living() if t.changed >= start]
        return 200, {}, [self._ticket(t) for t in found[(page - 1) * size : page * size]]

    @staticmethod
    def _article(part: Part, talk: Talk) -> dict[str, Any]:
        sender = {"customer": "Customer", "agent": "Agent", "bot": "System"}[part.author]
        return {
            "id": part.id, "ticket_id": talk.id, "sender": sender, "type": "email",
            "subject": talk.subject, "body": f"{part.text}<br>", "content_type": "text/html",
            "internal": False, "created_at": iso(part.at), "updated_at": iso(part.at),
        }  # fmt: skip

    @staticmethod
    def _ticket(talk: Talk) -> dict[str, Any]:
        return {
            "id": talk.id, "number": f"22{talk.id}", "title": talk.subject, "group": "Sales",
            "customer_id": talk.requester, "customer": "a@b.example", "state": "open",
            "priority": "2 normal", "article_count": len(talk.parts),
            "created_at": iso(talk.created), "updated_at": iso(talk.changed),
        }  # fmt: skip
