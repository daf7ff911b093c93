"""The exports of helpdesks by name: where each has the fields of the contract.

Every desk exports in several ways: by its API's JSON, whole or by pages, and as CSV. The names of a
field are alternatives, so one preset reads all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from nlp.sources.turns import Turns


@dataclass(frozen=True)
class Preset:
    """How the export of one desk is read."""

    columns: Mapping[str, str]
    attributes: tuple[str, ...] = ()
    rows_at: str | None = None
    turns: Turns | None = None


_ZENDESK = Preset(
    columns={
        "external_id": "turn.id|ticket.id|id|Ticket ID",
        "created_at": "turn.created_at|created_at|Created at|Created|Requested",
        "text": "turn.plain_body|turn.body|turn.html_body|description|Description|Comment",
        "subject": "subject|raw_subject|Subject",
        "channel": "via.channel|Via|Channel",
        "customer_id": "requester_id|requester.id|Requester id|Requester external id|Requester",
        "conversation_id": "id|Id|Ticket ID",
        "author": "turn_author",
        "language": "requester.locale|locale",
    },
    attributes=("tags", "priority", "type", "Tags", "Priority", "Type", "Group", "Brand"),
    turns=Turns(
        at=("comments",),
        text="plain_body|body|html_body",
        first={"id": "id", "created_at": "created_at", "body": "description",
               "author_id": "requester_id|requester.id"},
        authors=("author.role", "via.source.rel"),
        roles={"end-user": "customer", "end_user": "customer", "agent": "agent", "admin": "agent"},
        same=(("author_id", "requester_id|requester.id"),),
    ),
)  # fmt: skip

_INTERCOM = Preset(
    columns={
        "external_id": "turn.id|message_id|id",
        "created_at": "turn.created_at|message_created_at|created_at",
        "text": "turn.body|message_body|source.body|body",
        "subject": "source.subject|title|conversation_subject",
        "channel": "source.type|source_type|message_type|channel",
        "customer_id": "source.author.id|contacts.contacts.0.id|contacts.0.id|user.id"
        "|message_author_user_id|message_author_id|user_id",
        "conversation_id": "conversation_id|id",
        "author": "turn_author|message_author_type",
    },
    attributes=("tags.tags", "conversation_tags", "priority", "state"),
    turns=Turns(
        at=("conversation_parts.conversation_parts", "conversation_parts"),
        first={"id": "source.id|id", "created_at": "created_at", "body": "source.body|body",
               "author": "source.author"},
        is_extra=True,
        authors=("author.type",),
        roles={"user": "customer", "lead": "customer", "contact": "customer", "admin": "agent",
               "team": "agent", "bot": "bot", "operator": "bot"},
    ),
)  # fmt: skip

_FRESHDESK = Preset(
    columns={
        "external_id": "turn.id|id|display_id|Ticket ID|Ticket Id",
        "created_at": "turn.created_at|created_at|Created time|Created Time",
        "text": "turn.body_text|turn.body|description_text|description|Description",
        "subject": "subject|Subject",
        "channel": "source_name|source|Source",
        "customer_id": "requester_id|Contact ID|Requester ID|Email|Full name",
        "conversation_id": "id|display_id|Ticket ID|Ticket Id",
        "author": "turn_author",
    },
    attributes=("tags", "type", "priority", "Tags", "Type", "Priority", "Group"),
    turns=Turns(
        at=("conversations", "notes"),
        first={"id": "id|display_id", "created_at": "created_at",
               "body": "description_text|description", "user_id": "requester_id",
               "incoming": "is_first"},
        is_extra=True,
        text="body_text|body",
        authors=("incoming",),
        roles={"true": "customer", "false": "agent"},
        same=(("user_id", "requester_id"),),
    ),
)  # fmt: skip

_HELPSCOUT = Preset(
    columns={
        "external_id": "turn.id|id|number|Conversation ID|Number",
        "created_at": "turn.createdAt|createdAt|Created At|Created|Date",
        "text": "turn.body|turn.text|preview|Body|Message|Preview",
        "subject": "subject|Subject",
        "channel": "source.type|type|Type|Channel",
        "customer_id": "primaryCustomer.id|customer.id|createdBy.id|Customer ID|Customer Email"
        "|Customer",
        "conversation_id": "id|number|Conversation ID|Number",
        "author": "turn_author",
    },
    attributes=("tags", "status", "Tags", "Status"),
    turns=Turns(
        at=("_embedded.threads", "threads"),
        first={"id": "id", "createdAt": "createdAt", "body": "preview"},
        text="body|text",
        authors=("createdBy.type", "type"),
        roles={"customer": "customer", "user": "agent", "message": "agent", "note": "agent",
               "beaconchat": "customer", "chat": "customer"},
    ),
)  # fmt: skip

PRESETS: Mapping[str, Preset] = {
    "zendesk": _ZENDESK,
    "intercom": _INTERCOM,
    "freshdesk": _FRESHDESK,
    "helpscout": _HELPSCOUT,
}
