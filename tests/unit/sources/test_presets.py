"""The exports of helpdesks: each turn is a message with its author and its conversation."""

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from nlp.records import RawRow
from nlp.settings import RowSetting, load
from nlp.sources.replay import ReplaySource
from nlp.sources.shape import Shape

_SETTINGS = load(_env_file=None)
DAY = dt.date(2026, 5, 4)
_AT = "2026-05-04T08:00:00Z"
_UNIX = 1_777_881_600

_ZENDESK = {
    "id": 71, "created_at": _AT, "subject": "Invoice", "via": {"channel": "web"},
    "requester_id": 5, "tags": ["billing", "vip"], "description": "I was charged twice",
    "comments": [
        {"id": 901, "author_id": 5, "body": "I was charged twice", "public": True,
         "created_at": _AT},
        {"id": 902, "author_id": 9, "body": "Looking into it", "public": True,
         "created_at": "2026-05-04T09:00:00Z"},
        {"id": 903, "author_id": 9, "body": "", "public": False, "created_at": _AT},
    ],
}  # fmt: skip
_INTERCOM = {
    "type": "conversation", "id": "71", "created_at": _UNIX, "title": None,
    "source": {"id": "901", "type": "email", "subject": "Invoice",
               "body": "<p>I was charged twice</p>", "author": {"type": "user", "id": "5"}},
    "conversation_parts": {"type": "list", "conversation_parts": [
        {"id": "902", "part_type": "comment", "body": "<p>Looking into it</p>",
         "created_at": _UNIX + 3600, "author": {"type": "admin", "id": "9"}},
        {"id": "903", "part_type": "close", "body": None, "created_at": _UNIX + 3700,
         "author": {"type": "bot", "id": "1"}}]},
    "tags": {"tags": [{"name": "billing"}, {"name": "vip"}]},
}  # fmt: skip
_FRESHDESK = {
    "id": 71, "created_at": _AT, "subject": "Invoice", "requester_id": 5, "source": 1,
    "description_text": "I was charged twice", "tags": ["billing", "vip"],
    "conversations": [
        {"id": 902, "body_text": "Looking into it", "incoming": False, "user_id": 9,
         "created_at": "2026-05-04T09:00:00Z"}],
}  # fmt: skip
_HELPSCOUT = {
    "id": 71, "number": 12, "createdAt": _AT, "subject": "Invoice", "type": "email",
    "primaryCustomer": {"id": 5, "email": "x@mail.example"}, "tags": [{"tag": "billing"}],
    "_embedded": {"threads": [
        {"id": 901, "type": "customer", "body": "I was charged twice", "createdAt": _AT,
         "createdBy": {"id": 5, "type": "customer"}},
        {"id": 902, "type": "message", "body": "Looking into it",
         "createdAt": "2026-05-04T09:00:00Z", "createdBy": {"id": 9, "type": "user"}}]},
}  # fmt: skip
_TICKETS = {"zendesk": _ZENDESK, "intercom": _INTERCOM, "freshdesk": _FRESHDESK,
            "helpscout": _HELPSCOUT}  # fmt: skip
_PAGES = {"zendesk": "tickets", "intercom": "conversations", "freshdesk": "tickets",
          "helpscout": "conversations"}  # fmt: skip


def read(path: Path, preset: str) -> list[RawRow]:
    shape = Shape.of(RowSetting(preset=preset), _SETTINGS)  # type: ignore[arg-type]
    source = ReplaySource(path, zone=dt.UTC, shape=shape)
    return [row for day in source.days for row in source.pull(day)]


def _written(ticket: Mapping[str, Any], form: str, page: str, path: Path) -> Path:
    second = {**ticket, "id": 72}
    path.write_text({
        "lines": f"{json.dumps(ticket)}\n{json.dumps(second)}\n",
        "array": json.dumps([ticket, second], indent=2),
        "page": json.dumps({page: [ticket, second], "count": 2}),
        "embedded": json.dumps({"_embedded": {page: [ticket, second]}, "page": {"size": 2}}),
        "wrapped": "\n".join(json.dumps({"ticket": one}) for one in (ticket, second)),
    }[form])  # fmt: skip
    return path


@pytest.mark.parametrize("form", ["lines", "array", "page", "embedded", "wrapped"])
@pytest.mark.parametrize("desk", sorted(_TICKETS))
def test_each_turn_of_an_export_is_a_message(desk: str, form: str, tmp_path: Path) -> None:
    """The customer's words and the agent's answer, once each, in every form of the export."""
    path = _written(_TICKETS[desk], form, _PAGES[desk], tmp_path / "export.json")
    rows = [row.fields for row in read(path, desk) if row.fields["conversation_id"] in (71, "71")]
    output = [(r["text"].replace("<p>", "").replace("</p>", ""), r["author"]) for r in rows]
    assert output == [("I was charged twice", "customer"), ("Looking into it", "agent")]
    assert len({str(r["external_id"]) for r in rows}) == 2
    assert {str(r["customer_id"]) for r in rows} == {"5"}
    assert {r["subject"] for r in rows} == {"Invoice"}
    assert "billing" in json.dumps(rows[0]["attributes"])


_TABLES = {
    "zendesk": (
        "Id;Subject;Requester;Created at;Description;Tags",
        "71;Invoice;Jane;2026-05-04 08:00;I was charged twice;billing vip",
    ),
    "intercom": (
        "message_id,message_body,message_created_at,message_author_type,conversation_id",
        "901,I was charged twice,2026-05-04 08:00:00,lead,71",
    ),
    "freshdesk": (
        "Ticket ID,Subject,Status,Source,Created time,Description,Email,Tags",
        "71,Invoice,Open,Email,2026-05-04 08:00:00,I was charged twice,x@mail.example,billing",
    ),
    "helpscout": (
        "Number,Created At,Customer Email,Subject,Body,Tags",
        '71,"May 4, 2026 8:00 AM",x@mail.example,Invoice,I was charged twice,billing',
    ),
}


@pytest.mark.parametrize("desk", sorted(_TABLES))
def test_a_table_of_a_desk_is_read_by_the_same_name(desk: str, tmp_path: Path) -> None:
    """CSV has other names of columns, and times without an offset, which are of the zone."""
    path = tmp_path / "export.csv"
    path.write_text("\n".join([*_TABLES[desk], ""]))
    (row,) = read(path, desk)
    assert row.fields["text"] == "I was charged twice"
    assert row.fields["created_at"] == dt.datetime.fromisoformat(_AT)
    assert row.fields.get("author", "customer") == "customer"


def test_a_ticket_without_comments_is_its_description(tmp_path: Path) -> None:
    """The list of tickets alone, as one page of the API gives it, has the first message."""
    bare = {k: v for k, v in _ZENDESK.items() if k != "comments"}
    path = tmp_path / "page.json"
    path.write_text(json.dumps({"tickets": [bare]}))
    (row,) = read(path, "zendesk")
    assert (row.fields["text"], row.fields["author"]) == ("I was charged twice", "customer")


def test_columns_outrank_a_preset(tmp_path: Path) -> None:
    """A desk with fields of its own keeps the rest of the preset."""
    path = tmp_path / "page.json"
    path.write_text(json.dumps([{**_ZENDESK, "comments": [], "plan": {"name": "Pro"}}]))
    columns = {"channel": "plan.name", "external_id": "id+requester_id"}
    setting = RowSetting(preset="zendesk", columns=columns, attributes=("plan.name", "nothing"))
    source = ReplaySource(path, zone=dt.UTC, shape=Shape.of(setting, _SETTINGS))
    (row,) = source.pull(DAY)
    assert (row.fields["channel"], row.fields["external_id"]) == ("Pro", "71:5")
    assert row.fields["attributes"] == {"plan.name": "Pro"}


def test_lists_and_objects_in_optional_fields_cost_no_message(tmp_path: Path) -> None:
    """They become what they say: a name, several joined, attributes of one level."""
    row = {
        "external_id": {"$oid": "a1"},
        "created_at": {"$date": _AT},
        "text": ["one", "two"],
        "channel": {"name": "web", "id": 3},
        "customer_id": [],
        "subject": {"a": {"b": None}},
        "attributes": {"tags": ["x", {"name": "y"}], "via": {"from": {"app": 1}}, "n": 2},
    }
    path = tmp_path / "odd.json"
    path.write_text(json.dumps(row))
    (result,) = ReplaySource(path, zone=dt.UTC).pull(DAY)
    fields = {k: v for k, v in result.fields.items() if v is not None}
    assert fields == {
        "external_id": "a1", "created_at": _AT, "text": "one\ntwo", "channel": "web",
        "attributes": {"tags": "x, y", "via.from.app": 1, "n": 2},
    }  # fmt: skip


def test_ids_cut_to_fifteen_digits_are_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Long ids that all end in zeros were numbers of a spreadsheet; one that does not acquits."""
    path = tmp_path / "ids.csv"
    for last, is_said in (("000", True), ("123", False)):
        ids = [*(f"{n}00000000000017000" for n in range(1, 7)), f"987654321012345{last}"]
        rows = [f"{one},{_AT},hi" for one in ids]
        path.write_text("\n".join(["message_id,created_at,text", *rows, ""]))
        caplog.clear()
        ReplaySource(path, zone=dt.UTC)
        assert ("7 of 7 ids have 15 digits and then zeros" in caplog.text) == is_said


@pytest.mark.parametrize("ids", [["2.02603E+11"] * 3 + ["2.1E+11"], ["1,5E+12"] * 4])
def test_ids_that_a_spreadsheet_rounded_are_said(
    ids: list[str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """How many ids are rounded, how many rows repeat one, and what to do."""
    path = tmp_path / "ids.csv"
    rows = [f'"{one}",{_AT},hi' for one in ids]
    path.write_text("\n".join(["message_id,created_at,text", *rows, ""]))
    ReplaySource(path, zone=dt.UTC)
    repeats = len(ids) - len(set(ids))
    assert f"4 of 4 ids are rounded, as 9.99999E+99, and {repeats} rows repeat" in caplog.text
    assert "as text" in caplog.text
    assert ids[0] not in caplog.text
