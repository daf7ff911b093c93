"""A Zendesk on 127.0.0.1, in the documented shape of its incremental exports and comments."""

import base64
import re
from dataclasses import dataclass
from typing import Any

from bench.desk_server import Asked, Reply, Server
from bench.desk_world import Talk, iso

_USER = "agent@acme.example"
_AGENT = 77
_COMMENTS = re.compile(r"/api/v2/tickets/(\d+)/comments\.json")
_TICKET = re.compile(r"/api/v2/tickets/(\d+)\.json")


@dataclass
class Zendesk(Server):
    """`https://developer.zendesk.com/api-reference/`; the address of each part is beside it."""

    user: str = _USER
    page: int = 1_000

    def is_allowed(self, asked: Asked) -> bool:
        """HTTP Basic with `user/token:token`."""
        return asked.basic == f"{self.user}/token:{self.token}"

    def answer(self, asked: Asked) -> Reply:
        """Answer the export, a ticket, or its comments; 404 for anything else."""
        if asked.path == "/api/v2/incremental/tickets/cursor.json":
            return self._export(asked)
        if found := _COMMENTS.fullmatch(asked.path):
            return self._comments(int(found[1]), asked)
        if found := _TICKET.fullmatch(asked.path):
            talk = self.world.talks.get(int(found[1]))
            if talk is None or talk.is_deleted:
                return 404, {}, {"error": "RecordNotFound"}
            return 200, {}, {"ticket": self._ticket(talk)}
        return 404, {}, {"error": "InvalidEndpoint"}

    def _export(self, asked: Asked) -> Reply:
        """…/ticket-management/incremental_exports/#incremental-ticket-export-cursor-based"""
        if cursor := asked.query.get("cursor"):
            time, number = base64.b64decode(cursor).decode().split("|")
            after = (float(time), int(number))
        else:
            start = int(asked.query["start_time"])
            if start > self.world.now.timestamp() - 60:
                return 400, {}, {"error": "StartTimeTooRecent"}
            after = (float(start), -1)
        now = self.world.now.timestamp() - 60
        keys = sorted((t.changed.timestamp(), t.id) for t in self.world.talks.values())
        rest = [key for key in keys if after < key and key[0] <= now]
        size = min(int(asked.query.get("per_page", self.page)), self.page)
        page = rest[:size]
        last = page[-1] if page else after
        after_cursor = base64.b64encode(f"{last[0]}|{last[1]}".encode()).decode()
        return 200, {}, {
            "tickets": [self._ticket(self.world.talks[i]) for _, i in page],
            "after_cursor": after_cursor,
            "after_url": f"{self.url}{asked.path}?cursor={after_cursor}&per_page={size}",
            "before_cursor": None,
            "before_url": None,
            "end_of_stream": len(rest) <= size,
        }  # fmt: skip

    def _comments(self, number: int, asked: Asked) -> Reply:
        """…/tickets/ticket_comments/#list-comments"""
        talk = self.world.talks.get(number)
        if talk is None or talk.is_deleted:
            return 404, {}, {"error": "RecordNotFound"}
        size = int(asked.query.get("page[size]", 100))
        at = int(asked.query.get("page[after]", 0))
        page = talk.parts[at : at + size]
        more = at + size < len(talk.parts)
        link = f"{self.url}{asked.path}?page[size]={size}&page[after]={at + size}&include=users"
        value = {
            "comments": [
                {
                    "id": p.id, "type": "Comment", "public": True, "body": p.text,
                    "plain_body": p.text, "html_body": f"<div><p>{p.text}</p></div>",
                    "author_id": talk.requester if p.author == "customer" else _AGENT,
                    "attachments": [], "created_at": iso(p.at),
                }
                for p in page
            ],
            "meta": {"has_more": more, "after_cursor": str(at + size)},
            "links": {"next": link if more else None, "prev": None},
        }  # fmt: skip
        if asked.query.get("include") == "users":
            value["users"] = [
                {"id": talk.requester, "role": "end-user"}, {"id": _AGENT, "role": "agent"}
            ]  # fmt: skip
        return 200, {}, value

    def _ticket(self, talk: Talk) -> dict[str, Any]:
        return {
            "id": talk.id, "subject": talk.subject, "raw_subject": talk.subject,
            "description": talk.parts[0].text, "requester_id": talk.requester,
            "status": "deleted" if talk.is_deleted else "open", "priority": "normal",
            "type": "incident", "tags": list(talk.tags), "via": {"channel": "email"},
            "custom_fields": [{"id": 27642, "value": "Pro"}, {"id": 27648, "value": None}],
            "created_at": iso(talk.created), "updated_at": iso(talk.changed),
            "generated_timestamp": int(talk.changed.timestamp()),
        }  # fmt: skip
