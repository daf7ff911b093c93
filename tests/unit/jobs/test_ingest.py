"""`nlp.jobs.ingest`, with file sources and a store in memory."""

import datetime as dt
import gzip
import json
import logging
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import fsspec
import pytest
from pydantic import SecretStr

from nlp.errors import SourceError, SourceMissingError, TriageError
from nlp.jobs.ingest import ingest_day
from nlp.records import Message, PullCounts, RawRow, Rejected
from nlp.settings import Settings, load
from nlp.sources.files import FileSource
from tests.fakes import MemorySource, MemoryStore

DAY = dt.date(2026, 3, 2)
NEXT = dt.date(2026, 3, 3)
CARD = "4111 1111 1111 1111"
_WHERE_IS_MY_CARD = "\u0623\u064a\u0646 \u0628\u0637\u0627\u0642\u062a\u064a \U0001f642"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a key for this test and texts of up to 1,000 characters."""
    return load(hash_key="key", max_text_chars=1_000, local_dir=tmp_path, _env_file=None)


def row(n: int | str = 1, **fields: Any) -> RawRow:
    good = {"external_id": f"m{n}", "created_at": "2026-03-02T09:00:00Z", "text": f"Hello {n}"}
    return RawRow(f"day.csv, row {n}", {**good, **fields})


def ingest(
    store: MemoryStore, settings: Settings, *rows: RawRow, day: dt.date = DAY
) -> dict[str, int]:
    """Ingest some rows and return the counts without `n_late`."""
    report = ingest_day(store, MemorySource("inbox", {day: list(rows)}), day, settings=settings)
    return {k.removeprefix("n_"): v for k, v in report.counts.items() if v or k == "n_pulled"}


def test_a_message_is_stored_redacted_and_whole(settings: Settings) -> None:
    """Every field of a good row is stored: redacted, hashed, dated, with its language."""
    store = MemoryStore()
    raw = row(
        text=f"My card {CARD} is\r\nlost\0, mail a@b.com",
        channel="from a@b.com",
        customer_id="c1",
        attributes={"note": f"card {CARD}", "n": 3},
    )
    assert ingest(store, settings, raw) == {"pulled": 1, "stored": 1}
    (message,) = store.messages.values()
    assert message.text == "My card <CARD> is\nlost, mail <EMAIL>"
    assert message.entities == ("CARD", "EMAIL")
    assert (message.channel, message.language) == ("from <EMAIL>", "en")
    assert message.attributes == {"note": "card <CARD>", "n": 3}
    assert (message.source, message.external_id, message.day) == ("inbox", "m1", DAY)
    assert message.customer_hash
    assert CARD not in repr(store)
    assert "c1" not in repr(store)


@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        *[("n", 4111111111111111, "<CARD>"), ("n", 4111111111111111.0, "<CARD>")],
        *[("n", 4.111111111111111e15, "<CARD>"), ("iban", "DE89370400440532013000", "<IBAN>")],
        *[("mobile_number", 7700900708, "<PHONE>"), ("homePhone", "4155550123", "<PHONE>")],
        *[("order_id", 7700900708, 7700900708), ("ticketId", "4155550123", "4155550123")],
        *[("ssn", 123456789, "<SSN>"), ("amount", 1234567.89, 1234567.89), ("n", 7, 7)],
        *[("vip", True, True), ("note", None, None), ("big", 1e300, 1e300), ("x", -5, -5)],
    ],
)
def test_attributes_hold_no_personal_data(
    settings: Settings, key: str, value: object, kept: object
) -> None:
    """An attribute is replaced if its value or its name marks it as personal data; others stay."""
    store = MemoryStore()
    ingest(store, settings, row(attributes={key: value, "a@b.com": 1}))
    (message,) = store.messages.values()
    assert message.attributes == {key: kept, "<EMAIL>": 1}
    assert type(message.attributes[key]) is type(kept)


@pytest.mark.parametrize(
    "personal",
    [CARD, CARD.replace(" ", ""), "a@b.com/17", "+447700900708", "DE89370400440532013000"],
)
def test_an_id_that_is_personal_data_is_hashed(settings: Settings, personal: str) -> None:
    """An id that is personal data is stored as a keyed hash: unique, stable, not guessable."""
    store = MemoryStore()
    rows = [row(1, external_id=personal), row(2, external_id=f"{personal} b")]
    assert ingest(store, settings, *rows) == {"pulled": 2, "stored": 2}
    one, two = store.messages.values()
    assert re.fullmatch(r"<(CARD|EMAIL|PHONE|IBAN)>\S*#[0-9a-f]{32}", one.external_id)
    assert one.external_id != two.external_id
    assert personal not in repr(store)
    assert ingest(store, settings, *rows) == {"pulled": 2, "known": 2}
    elsewhere = MemoryStore()
    ingest(elsewhere, settings.model_copy(update={"hash_key": SecretStr("other")}), rows[0])
    assert elsewhere.messages.keys().isdisjoint(store.messages)


def test_an_id_that_is_personal_data_leaves_quarantine_too(settings: Settings) -> None:
    """In quarantine the id is hashed in the same way, so that the corrected row finds it."""
    store = MemoryStore()
    ingest(store, settings, row(1, external_id="a@b.com", text=""))
    assert "a@b.com" not in repr(store)
    ingest(store, settings, row(1, external_id="a@b.com"), day=NEXT)
    assert store.quarantine == []


@pytest.mark.parametrize(
    "plain",
    [
        *("17", "m1", "01632960123", "4155550123", "ORD-01632960123", "TCK-2026-03-02-000123"),
        *("550e8400-e29b-41d4-a716-446655440000", "20260302123059-0001", "0000123456"),
    ],
)
def test_other_ids_are_kept_as_they_are(settings: Settings, plain: str) -> None:
    """A ticket number, a UUID or a time stamp is stored unchanged, so that it can be looked up."""
    store = MemoryStore()
    ingest(store, settings, row(1, external_id=plain))
    assert [m.external_id for m in store.messages.values()] == [plain]


def test_a_card_that_is_broken_by_an_invisible_character_is_found(settings: Settings) -> None:
    """Redaction sees the text as it is stored, not the characters that cleaning removes."""
    store = MemoryStore()
    ingest(store, settings, row(text="card 4111\0 1111\u200b1111\u00ad 1111"))
    assert [m.text for m in store.messages.values()] == ["card <CARD>"]


def test_equal_texts_share_a_hash(settings: Settings) -> None:
    """Texts that differ only in personal data, masks and spaces are embedded once."""
    store = MemoryStore()
    texts = [f"lost  card {CARD}", "lost card", "lost card XXXX", "lost\ncard 378282246310005"]
    ingest(store, settings, *(row(i, text=text) for i, text in enumerate(texts)))
    assert len({m.text_hash for m in store.messages.values()}) == 1


def test_texts_of_placeholders_alone_stay_apart(settings: Settings) -> None:
    """Messages of only a card number, only an address and only a mask are three texts."""
    store = MemoryStore()
    ingest(store, settings, row(1, text=CARD), row(2, text="a@b.com"), row(3, text="XXXX"))
    assert [m.text for m in store.messages.values()] == ["<CARD>", "<EMAIL>", "XXXX"]
    assert len({m.text_hash for m in store.messages.values()}) == 3


def test_a_language_that_the_row_names_wins(settings: Settings) -> None:
    """The language comes from the source; it is detected only if the source gives none."""
    store = MemoryStore()
    german = "Meine Karte ist immer noch nicht angekommen"
    ingest(store, settings, row(1, language="fr-FR"), row(2, text=german))
    assert {m.external_id: m.language for m in store.messages.values()} == {"m1": "fr", "m2": "de"}


BAD = [
    (row("id", external_id=""), "no_id"),
    (row("time", created_at="2026-03-02 09:00"), "no_offset"),
    (row("when", created_at="soon"), "bad_created_at"),
    (row("late", created_at="2026-03-04T09:00:00Z"), "future"),
    (row("old", created_at="1970-01-01T00:00:00Z"), "absurd_date"),
    (row("empty", text=" \0 "), "empty_text"),
    (row("type", text=7), "text_not_text"),
    (row("huge", text=f"mine is {CARD} " + "x" * 1_000_000), "too_long"),
    (row("attr", attributes={"a": {"b": 1}}), "bad_attributes"),
    (RawRow("day.csv, row 99", {"external_id": CARD, "text": CARD}, "Not UTF-8 it is"),
     "unreadable_row"),
]  # fmt: skip


def test_bad_rows_stop_no_good_ones_and_nothing_is_lost(settings: Settings) -> None:
    """Each bad row is in quarantine with position, reason and explanation; the counts add up."""
    store = MemoryStore()
    rows = [r for i, (bad, _) in enumerate(BAD) for r in (row(i), bad)]
    counts = ingest(store, settings, *rows)
    assert counts == {"pulled": 2 * len(BAD), "stored": len(BAD), "quarantined": len(BAD)}
    assert [r.reason for r in store.quarantine] == [reason for _, reason in BAD]
    assert [r.position for r in store.quarantine] == [bad.position for bad, _ in BAD]
    assert all(len(r.detail) > 10 and len(r.excerpt) <= 200 for r in store.quarantine)
    assert CARD not in repr(store)


def test_an_excerpt_helps_to_find_the_row(settings: Settings) -> None:
    """Quarantine keeps the redacted beginning of a text, never cut inside a number."""
    store = MemoryStore()
    long = "e" * 60 + "@mail.example " + "4111 1111 1111 1111 " * 200
    ingest(
        store, settings, row("a", text=f"I am a@b.com, {CARD}" + "x" * 2_000), row("b", text=long)
    )
    cut = f"https://u:p@host/{'x' * 1_967} {CARD}" + "y" * 999
    ingest(store, settings, row("c", text=cut), day=NEXT)
    one, two, three = (r.excerpt for r in store.quarantine)
    assert "4111" not in three
    assert one.startswith("I am <EMAIL>, <CARD>xxx")
    assert two.startswith("<EMAIL> <CARD> <CARD>")
    assert not any(c.isdigit() for c in one + two)


def test_a_pull_that_is_repeated_changes_nothing(settings: Settings) -> None:
    """In a second pull every message is known, and the stored rows are unchanged."""
    store = MemoryStore()
    rows = [row(1), row(2), row("bad", text="")]
    assert ingest(store, settings, *rows) == {"pulled": 3, "stored": 2, "quarantined": 1}
    before = (dict(store.messages), list(store.quarantine))
    assert ingest(store, settings, *rows) == {"pulled": 3, "known": 2, "quarantined": 1}
    assert (store.messages, store.quarantine) == before


def test_duplicates_are_counted_and_conflicts_quarantined(settings: Settings) -> None:
    """A repeated row is known; the same id with another text is a conflict; one is stored."""
    store = MemoryStore()
    rows = [row(1), row(1), row(1, text="another text"), row(2)]
    assert ingest(store, settings, *rows) == {
        "pulled": 4, "stored": 2, "known": 1, "quarantined": 1,
    }  # fmt: skip
    assert store.quarantine[0].reason == "id_conflict"
    assert ingest(store, settings, row(1), day=NEXT) == {"pulled": 1, "known": 1}


def test_a_fixed_row_leaves_quarantine(settings: Settings) -> None:
    """A row that is delivered again without its error is stored, on a later day as late."""
    store = MemoryStore()
    ingest(store, settings, row(1, text=""), row(2, created_at="2026-03-02T09:00"))
    assert ingest(store, settings, row(1), row(2, text="")) == {
        "pulled": 2, "stored": 1, "quarantined": 1,
    }  # fmt: skip
    counts = ingest(store, settings, row(2), day=NEXT)
    assert counts == {"pulled": 1, "stored": 1, "late": 1}
    assert store.quarantine == []
    assert [(m.day, m.arrived_on) for m in store.messages.values()] == [(DAY, DAY), (DAY, NEXT)]


def test_a_mended_row_stays_out_of_quarantine(settings: Settings) -> None:
    """If the day with the broken row runs again, the row counts as known, not as rejected."""
    store = MemoryStore()
    broken = [row(1, text=""), row(3, created_at="soon"), row(2)]
    ingest(store, settings, *broken)
    ingest(store, settings, row(1), day=NEXT)
    for _ in range(2):
        assert ingest(store, settings, *broken) == {"pulled": 3, "known": 2, "quarantined": 1}
        assert [r.external_id for r in store.quarantine] == ["m3"]


def test_batches_are_bounded(settings: Settings) -> None:
    """At most 2,000 rows are in memory at a time."""
    store = MemoryStore()
    assert ingest(store, settings, *map(row, range(4_500)))["stored"] == 4_500
    assert store.batch_sizes == [2_000, 2_000, 500]


def test_a_source_that_fails_stores_nothing(settings: Settings) -> None:
    """A truncated file rolls back the whole pull, and no run is stored."""
    store = MemoryStore()
    fs = fsspec.filesystem("memory")
    lines = [json.dumps(row(i).fields) for i in range(5_000)]
    fs.pipe("/broken/2026-03-02.jsonl.gz", gzip.compress("\n".join(lines).encode())[:-2_000])
    source = FileSource("inbox", fs=fs, pattern="/broken/{day}.jsonl.gz")
    with pytest.raises(SourceError, match=r"2026-03-02\.jsonl\.gz: .*after row \d+"):
        ingest_day(store, source, DAY, settings=settings)
    with pytest.raises(SourceMissingError):
        ingest_day(store, source, NEXT, settings=settings)
    assert store == MemoryStore()


def test_files_with_bad_rows_of_every_kind(settings: Settings, tmp_path: Path) -> None:
    """From two real files, good rows are stored and the others are reported by position."""
    (tmp_path / "2026-03-02-a.csv").write_bytes(
        b"text,external_id,created_at,extra\n"
        b'"two\nlines ""quoted""",1,2026-03-02T09:00:00Z,x\n'
        b"caf\xe9,2,2026-03-02T09:00:00Z,x\n"
        b"few,3\n"
        b"nul\0 and bell\x07,4,2026-03-02T09:00:00Z,x\n"
        + f"{_WHERE_IS_MY_CARD},5,2026-03-02T09:00:00Z,x\n".encode()
        + b"dated,6,2026-03-02,x\n"
    )
    lines = [
        {"external_id": 1, "created_at": "2026-03-02T09:00:00Z", "text": 'two\nlines "quoted"'},
        {"external_id": 7, "created_at": "2026-03-02T09:00:00Z", "text": "half \ud83d pair"},
    ]
    text = "{broken\n" + "\n".join(map(json.dumps, lines))
    (tmp_path / "2026-03-02-b.jsonl").write_text(text)
    source = FileSource("inbox", fs=fsspec.filesystem("file"), pattern=f"{tmp_path}/{{day}}-*")
    store = MemoryStore()
    report = ingest_day(store, source, DAY, settings=settings)
    assert report.counts == {
        "n_pulled": 9, "n_stored": 4, "n_known": 1, "n_quarantined": 4, "n_late": 0,
        "n_changed": 0, "n_gone": 0, "n_missing": 0,
    }  # fmt: skip
    assert {m.external_id: m.text for m in store.messages.values()} == {
        "1": 'two\nlines "quoted"', "4": "nul and bell", "7": "half  pair",
        "5": _WHERE_IS_MY_CARD,
    }  # fmt: skip
    assert [(r.position, r.detail) for r in store.quarantine] == [
        ("2026-03-02-a.csv, row 2", "The row holds bytes that are not UTF-8"),
        ("2026-03-02-a.csv, row 3", "The row has 2 cells, the header 4"),
        ("2026-03-02-a.csv, row 6", "created_at has no offset from UTC: add Z or +01:00"),
        ("2026-03-02-b.jsonl, row 1", "The row is not JSON"),
    ]


def test_the_run_is_written_without_secrets(settings: Settings) -> None:
    """A run stores job, day, counts, seconds and result settings, but no keys and no paths."""
    store = MemoryStore()
    ingest(store, settings, row(1))
    (report,) = store.runs_of(DAY)
    assert report.job == "ingest:inbox"
    assert 0 <= report.seconds["pull"] <= report.seconds["total"]
    assert "hash_key" not in store.run_settings["ingest:inbox", DAY]


def test_no_raw_text_reaches_a_log(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    """The log contains only the counts of good and bad rows."""
    with caplog.at_level(logging.DEBUG):
        ingest(MemoryStore(), settings, row(1, text=f"secret {CARD}"), row(2, text="secret " * 999))
    assert "n_stored" in caplog.text
    assert "secret" not in caplog.text
    assert "4111" not in caplog.text


class LossyStore(MemoryStore):
    """A store that loses one message."""

    def save_pull(
        self,
        *,
        source: str,
        day: dt.date,
        batches: Iterable[tuple[list[Message], list[Rejected]]],
        may_go: Callable[[int, int], None] | None = None,
    ) -> PullCounts:
        counts = super().save_pull(source=source, day=day, batches=batches)
        return PullCounts(counts.n_pulled, counts.n_stored - 1, 0, counts.n_quarantined)


def test_counts_that_do_not_add_up_fail_the_run(settings: Settings) -> None:
    """If the counts of source and store do not add up, the job fails and gives both."""
    with pytest.raises(TriageError, match=r"gave 2 rows for 2026-03-02.*'n_stored': 1"):
        ingest(LossyStore(), settings, row(1), row(2))
