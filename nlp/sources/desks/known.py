"""The desks that are known by name: a declaration each, nothing else.

The shapes are those of the desks' own documentation, named in `documented`.
"""

from collections.abc import Mapping
from dataclasses import replace

from nlp.sources.desks.description import (
    Auth,
    Description,
    Join,
    Manner,
    Paging,
    Request,
    Write,
)
from nlp.sources.presets import PRESETS
from nlp.sources.turns import Turns

_ZENDESK = PRESETS["zendesk"]
_INTERCOM = PRESETS["intercom"]
_FRESHDESK = PRESETS["freshdesk"]
assert _ZENDESK.turns is not None
assert _INTERCOM.turns is not None
assert _FRESHDESK.turns is not None

ZENDESK = Description(
    documented=(
        "https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/",
        "https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/",
        "https://developer.zendesk.com/api-reference/introduction/rate-limits/",
    ),
    auth=Auth("{user}/token:{token}", is_basic=True, needs_user=True),
    listing=Request(
        "/api/v2/incremental/tickets/cursor.json",
        "tickets",
        params={"start_time": "{since}", "per_page": "1000"},
        paging=Paging(Manner.CURSOR, next="after_url", more="!end_of_stream"),
    ),
    parts=Request(
        "/api/v2/tickets/{id}/comments.json",
        "comments",
        params={"page[size]": "100", "include": "users"},
        paging=Paging(Manner.CURSOR, next="links.next", more="meta.has_more"),
    ),
    into="comments",
    one="/api/v2/tickets/{id}.json",
    one_at="ticket",
    updated="generated_timestamp|updated_at",
    times="epoch",
    columns=_ZENDESK.columns,
    attributes=(*_ZENDESK.attributes[:3], "status", "custom_fields", "satisfaction_rating.score"),
    turns=replace(_ZENDESK.turns, first={}),  # the first comment is the ticket's own text
    joins=(Join("author_id", "users", "author"),),
    is_gone={"status": "deleted"},
    note=Write(
        "/api/v2/tickets/{id}.json",
        {"ticket": {"comment": {"body": "{note}", "public": False}}},
        method="PUT",
    ),
    tags=Write("/api/v2/tickets/{id}/tags.json", {"tags": "{tags}"}, method="PUT"),
)
"""Tickets that changed by the incremental export, then the comments of each."""

INTERCOM = Description(
    documented=(
        "https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/searchconversations",
        "https://developers.intercom.com/docs/build-an-integration/learn-more/rest-apis/pagination/",
        "https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting",
    ),
    base="https://api.intercom.io",
    headers={"Intercom-Version": "2.11"},
    listing=Request(
        "/conversations/search",
        "conversations",
        method="POST",
        body={
            "query": {"field": "updated_at", "operator": ">", "value": "{since}"},
            "sort": {"field": "updated_at", "order": "ascending"},
            "pagination": {"per_page": 150},
        },
        paging=Paging(
            Manner.CURSOR, next="pages.next.starting_after", param="pagination.starting_after"
        ),
    ),
    parts=Request("/conversations/{id}"),
    into="",
    one="/conversations/{id}",
    times="epoch",
    columns=_INTERCOM.columns,
    attributes=(*_INTERCOM.attributes, "custom_attributes"),
    turns=_INTERCOM.turns,
    part_is_gone={"redacted": "true"},
    note=Write(
        "/conversations/{id}/reply",
        {"message_type": "note", "type": "admin", "admin_id": "{user}", "body": "{note}"},
        is_html=True,
    ),
)
"""Conversations by search, then each with its parts, of which the API gives at most 500."""

FRESHDESK = Description(
    documented=(
        "https://developers.freshdesk.com/api/#list_all_tickets",
        "https://developers.freshdesk.com/api/#list_all_ticket_notes",
        "https://developers.freshdesk.com/api/#ratelimit",
    ),
    auth=Auth("{token}:X", is_basic=True),
    listing=Request(
        "/api/v2/tickets",
        params={
            "updated_since": "{since}",
            "order_by": "updated_at",
            "order_type": "asc",
            "include": "description",
            "per_page": "100",
        },
        paging=Paging(Manner.TIME, param="page"),
    ),
    parts=Request(
        "/api/v2/tickets/{id}/conversations",
        params={"per_page": "100"},
        paging=Paging(Manner.LINK),
    ),
    into="conversations",
    one="/api/v2/tickets/{id}?include=description",
    columns=_FRESHDESK.columns,
    attributes=(*_FRESHDESK.attributes[:3], "status", "custom_fields"),
    turns=_FRESHDESK.turns,
    is_gone={"deleted": "true", "spam": "true"},
    first_id="ticket-{id}",
    note=Write("/api/v2/tickets/{id}/notes", {"body": "{note}", "private": True}, is_html=True),
    tags=Write("/api/v2/tickets/{id}", {"tags": "{tags}"}, method="PUT", replaces="tags"),
)
"""Tickets by their time of change, then the replies and notes of each."""

CHATWOOT = Description(
    documented=(
        "https://developers.chatwoot.com/api-reference/conversations/conversations-list",
        "https://developers.chatwoot.com/api-reference/messages/get-messages",
    ),
    auth=Auth("{token}", header="api_access_token"),
    listing=Request(
        "/api/v1/accounts/{account}/conversations",
        "data.payload",
        params={"status": "all", "assignee_type": "all"},
        paging=Paging(Manner.PAGE, param="page", size=25),
    ),
    ends_at_since=True,
    parts=Request(
        "/api/v1/accounts/{account}/conversations/{id}/messages",
        "payload",
        paging=Paging(Manner.BEFORE, param="before", size=20),
    ),
    one="/api/v1/accounts/{account}/conversations/{id}",
    updated="updated_at|last_activity_at",
    time="last_activity_at",
    times="epoch",
    columns={
        "external_id": "turn.id",
        "created_at": "turn.created_at",
        "text": "turn.content",
        "subject": "additional_attributes.mail_subject",
        "channel": "meta.channel",
        "customer_id": "meta.sender.id",
        "conversation_id": "id",
        "author": "turn_author",
        "language": "additional_attributes.browser_language",
    },
    attributes=("labels", "priority", "status", "custom_attributes"),
    turns=Turns(
        at=("parts",),
        text="content",
        authors=("sender.type", "message_type"),
        roles={"contact": "customer", "user": "agent", "agent_bot": "bot", "0": "customer",
               "1": "agent", "2": "bot", "3": "bot", "incoming": "customer", "outgoing": "agent",
               "activity": "bot", "template": "bot"},
    ),
    part_is_gone={"content_attributes.deleted": "true"},
    note=Write(
        "/api/v1/accounts/{account}/conversations/{id}/messages",
        {"content": "{note}", "message_type": "outgoing", "private": True},
    ),
    tags=Write(
        "/api/v1/accounts/{account}/conversations/{id}/labels",
        {"labels": "{tags}"},
        replaces="labels",
    ),
)  # fmt: skip
"""Conversations, the latest activity first, then the messages of each, the latest 20 first."""

ZAMMAD = Description(
    documented=(
        "https://docs.zammad.org/en/latest/api/intro.html",
        "https://docs.zammad.org/en/latest/api/ticket/index.html",
        "https://docs.zammad.org/en/latest/api/ticket/articles.html",
    ),
    auth=Auth("Token token={token}"),
    listing=Request(
        "/api/v1/tickets/search",
        params={
            "query": 'updated_at:["{since}" TO *]',
            "sort_by": "updated_at",
            "order_by": "asc",
            "expand": "true",
            "per_page": "100",
        },
        paging=Paging(Manner.TIME, param="page"),
    ),
    parts=Request("/api/v1/ticket_articles/by_ticket/{id}", params={"expand": "true"}),
    one="/api/v1/tickets/{id}?expand=true",
    columns={
        "external_id": "turn.id",
        "created_at": "turn.created_at",
        "text": "turn.body",
        "subject": "title|turn.subject",
        "channel": "turn.type|create_article_type",
        "customer_id": "customer_id",
        "conversation_id": "id",
        "author": "turn_author",
    },
    attributes=("group", "priority", "state", "organization"),
    turns=Turns(
        at=("parts",),
        authors=("sender",),
        roles={"customer": "customer", "agent": "agent", "system": "bot"},
        same=(("created_by_id", "customer_id"),),
    ),
    note=Write(
        "/api/v1/ticket_articles",
        {
            "ticket_id": "{id}",
            "body": "{note}",
            "content_type": "text/plain",
            "type": "note",
            "internal": True,
        },
    ),
    tags=Write("/api/v1/tags/add", {"object": "Ticket", "o_id": "{id}", "item": "{tag}"}),
)
"""Tickets by search, which needs Zammad's Elasticsearch, then the articles of each."""

KNOWN: Mapping[str, Description] = {
    "zendesk": ZENDESK,
    "intercom": INTERCOM,
    "freshdesk": FRESHDESK,
    "chatwoot": CHATWOOT,
    "zammad": ZAMMAD,
}
