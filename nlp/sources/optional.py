"""Lists and objects where the contract has one value: they do not cost the message."""

import json
from collections.abc import Mapping
from typing import Any

_ONE = ("external_id", "created_at", "text", "channel", "customer_id", "language", "subject",
        "conversation_id", "author")  # fmt: skip
_SAYING = ("channel", "plain", "plain_body", "text", "body", "name", "title", "value", "type", "id",
           "email", "label", "tag", "html")  # fmt: skip
"""Keys whose value says most of an object, the best first."""
_MOST_ATTRIBUTES = 9_000
"""Characters of JSON; further attributes of a nested object are left out."""
_AUTHORS = {
    **dict.fromkeys(("user", "lead", "contact", "end-user", "end_user", "requester", "visitor",
                     "client", "consumer", "inbound", "incoming"), "customer"),
    **dict.fromkeys(("admin", "staff", "operator", "support", "team", "company", "outbound",
                     "outgoing"), "agent"),
}  # fmt: skip
"""What desks call those who write, where it is not as in the contract."""
EXTRA = "@"
"""Begins the name of a field that is a further column, kept as an attribute."""


def flat(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a row with a plain value each, and attributes of one level."""
    if all(_is_even(name, value) for name, value in fields.items()):
        return dict(fields)
    kept = {k: v for k, v in fields.items() if not k.startswith(EXTRA)}
    for name in _ONE:
        value = kept.get(name)
        if isinstance(value, Mapping | list | tuple):
            kept[name] = _one(value, "\n" if name == "text" else ", ")
    author = kept.get("author")
    if isinstance(author, str):
        kept["author"] = _AUTHORS.get(author.strip().lower(), author)
    extra = {k.removeprefix(EXTRA): v for k, v in fields.items() if k.startswith(EXTRA)}
    extra = {k: v for k, v in extra.items() if v not in (None, "", [], {})}
    own = _mapping(kept.get("attributes"))
    if extra or (own and not all(map(_is_plain, own.values()))):
        kept["attributes"] = _short({**_flattened(own or {}), **_flattened(extra)})
    return kept


def _is_even(name: str, value: Any) -> bool:
    is_plain = type(value) in (str, int, float) or value is None
    return is_plain and name not in ("author", "attributes") and name[0] != EXTRA


def _mapping(value: Any) -> Mapping[str, Any] | None:
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, Mapping) else None


def _one(value: Any, joint: str) -> Any:
    """Return what a list or an object says, as one value; None where it says nothing."""
    if isinstance(value, Mapping):
        inner = next((value[key] for key in _SAYING if value.get(key) not in (None, "")), None)
        if inner is None:
            inner = next((v for v in value.values() if _is_plain(v) and v is not None), None)
        return _one(inner, joint)
    if isinstance(value, list | tuple):
        parts = [part for v in value if (part := _one(v, joint)) is not None]
        return joint.join(map(str, parts)) or None
    return value


def _flattened(value: Mapping[str, Any], prefix: str = "", depth: int = 4) -> dict[str, Any]:
    leaves: dict[str, Any] = {}
    for key, one in value.items():
        if isinstance(one, Mapping) and depth:
            leaves |= _flattened(one, f"{prefix}{key}.", depth - 1)
        else:
            leaves[f"{prefix}{key}"] = one if _is_plain(one) else _one(one, ", ")
    return leaves


def _short(attributes: Mapping[str, Any]) -> dict[str, Any]:
    shortened, size = {}, 0
    for key, value in attributes.items():
        size += len(str(key)) + len(str(value)) + 8
        if size > _MOST_ATTRIBUTES:
            break
        shortened[key] = value
    return shortened


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)
