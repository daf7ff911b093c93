"""The queue: every abstained message that nobody decided is in it, and none is passed over."""

import datetime as dt
import json
import re
from collections.abc import Callable

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from nlp.settings import Settings
from sql.connect import PostgresStore
from sql.queries.queue import KINDS, OLDER
from tests.three_themes import APP, CARD, DAY, PIN, fill, message_id

_Open = Callable[[Settings], TestClient]
_ALL = [message_id(t, n) for t in (CARD, PIN, APP) for n in range(8)]
_REASONS = ("low_probability", "ambiguous", "out_of_scope", "unsupported_language")
deciding = pytest.mark.parametrize("client_of", [True], indirect=True, ids=["deciding"])


def _predict(store: PostgresStore, version: str, role: str, *, reasons: list[str | None]) -> None:
    """The model abstains on each message with its reason; None = it is sure."""
    with store.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO triage.model_versions (version, kind, encoder, data_sha256, metrics, "
                "artefact, artefact_sha256, role, trained_at) VALUES (:v, 'kernel', 'test', "
                "'', '{}', '', '', :r, :at)"
            ),
            {"v": version, "r": role, "at": f"2026-03-0{len(version)}"},
        )
        for n, (message, reason) in enumerate(zip(_ALL, reasons, strict=True)):
            connection.execute(
                text(
                    "INSERT INTO triage.intent_predictions (passage_id, model_version, day, intent,"
                    " probability, runners_up, abstained, reason) VALUES (CAST(:m AS uuid), :v, :d,"
                    " :i, :p, CAST(:u AS jsonb), :a, :r)"
                ),
                {
                    "m": message, "v": version, "p": round(n / 100, 2), "a": reason is not None,
                    "r": reason, "i": None if reason == "unsupported_language" else "pin",
                    "d": DAY - dt.timedelta(40 if n >= 20 else 0),
                    "u": json.dumps([["card_lost", 0.1]]),
                },
            )  # fmt: skip


def _shown(page: str) -> list[str]:
    return re.findall(r'data-message="(.*?)"', page)


def _left(page: str) -> int:
    result = re.search(r"data-left>(\d+)<", page)
    assert result is not None
    return int(result[1])


@deciding
def test_every_abstained_message_is_in_the_queue_or_decided(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """Reasons, languages and old ones add up to what abstained, each message in one of them."""
    fill(store)
    reasons: list[str | None] = [_REASONS[n % 4] if n % 6 else None for n in range(24)]
    _predict(store, "kernel-1", "champion", reasons=reasons)
    client = client_of(settings)
    decided = _ALL[1]
    client.post(f"/triage/messages/{decided}/correct", data={"intent": "pin"})
    result: dict[str, list[str]] = {}
    for why in KINDS[1:]:
        page = client.get(f"/triage/queue?why={why}").text
        result[why] = _shown(page)
        assert _left(page) == len(result[why]), why
        assert "None" not in page
    listed = [m for ids in result.values() for m in ids]
    abstained = {m for m, reason in zip(_ALL, reasons, strict=True) if reason}
    assert len(listed) == len(set(listed))
    assert {*listed, decided} == abstained
    assert set(result[OLDER]) == abstained & set(_ALL[20:])
    front = client.get("/triage/queue").text
    every = {m for why in _REASONS[:3] for m in result[why]}
    assert set(_shown(front)) == every
    assert _left(front) == len(every)
    # Each kind that has some is linked, with how many it has.
    linked = dict(re.findall(r'queue\?why=(\w+)"[^>]*>[^<]*<span>(\d+)</span>', front))
    assert linked == {why: str(len(ids)) for why, ids in result.items() if ids}
    assert f"{len(every)}</a>" in client.get("/triage/").text


@deciding
def test_deciding_a_page_and_going_on_passes_nothing_over(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """Whoever decides some, skips some and goes on sees each once; what was skipped comes last."""
    fill(store)
    _predict(store, "kernel-1", "champion", reasons=["low_probability"] * 24)
    client = client_of(settings)
    seen: list[str] = []
    skipped: list[str] = []
    after = ""
    for _ in range(4):
        listed = client.get(f"/triage/api/queue?most=5&after={after}").json()
        seen += [m["message_id"] for m in listed]
        assert not any(m["passed"] for m in listed)
        for n, m in enumerate(listed):
            if n % 2:
                skipped.append(m["message_id"])
            else:
                address = f"/triage/messages/{m['message_id']}/correct"
                assert client.post(address, data={"intent": "pin"}).status_code == 200
        after = listed[-1]["message_id"]
    assert seen == _ALL[:20]
    page = client.get(f"/triage/queue?after={after}").text
    assert "Skipped before:" in page
    assert _shown(page) == skipped  # all others are of days before the last four weeks


def test_a_new_model_leaves_no_message_behind(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """Where the model in service said nothing yet, the word of the one before counts."""
    fill(store)
    _predict(store, "old-1", "retired", reasons=["ambiguous"] * 24)
    sure = [None if n < 4 else "low_probability" for n in range(24)]
    _predict(store, "kernel-1", "champion", reasons=sure)
    with store.engine.begin() as connection:
        connection.execute(
            text("DELETE FROM triage.intent_predictions WHERE model_version = 'kernel-1' "
                 "AND passage_id = CAST(:m AS uuid)"),
            {"m": _ALL[9]},
        )  # fmt: skip
    client = client_of(settings)
    assert _shown(client.get("/triage/queue").text) == _ALL[4:20]
    assert _shown(client.get("/triage/queue?why=ambiguous").text) == [_ALL[9]]


def test_an_unknown_reason_and_an_unknown_place_are_told(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """A reason that is none names those that there are; a place that is no id is not found."""
    fill(store)
    client = client_of(settings)
    answer = client.get("/triage/queue?why=nonsense")
    assert answer.status_code == 422
    assert "low_probability" in answer.text
    assert client.get("/triage/queue?after=nonsense").status_code == 404
    gone = "00000000-0000-0000-0000-000000000000"
    assert client.get(f"/triage/queue?after={gone}").status_code == 200
