"""Real complaints with a planted outage: how they are built, scored and printed."""

import csv
import datetime as dt
from math import isnan
from pathlib import Path

import numpy as np
import pytest

from bench import complaints, outage
from bench.complaint_scores import nmi_of_kmeans, outage_scores, theme_scores
from bench.complaint_stream import OUTAGE, Complaint, Planted, plant_outage, read_complaints

_FIRST = dt.date(2023, 1, 1)
_START = _FIRST + dt.timedelta(40)


def _complaints(n_days: int = 60) -> list[Complaint]:
    return [
        Complaint(_FIRST + dt.timedelta(n), f"complaint {n}", "fees", "loan", "payday")
        for n in range(n_days)
    ]


def _export(
    planted: Planted, out: Path, topics: list[str], alerts: list[tuple[str, str]] | None = None
) -> Path:
    """Write exports in which the message at each position has a topic."""
    out.mkdir(exist_ok=True)
    tables: dict[str, tuple[str, list[tuple[object, ...]]]] = {
        "assignments": (
            "message_id,created_at,topic_id_first,topic_id",
            [
                (n, at.isoformat(), topic, topic)
                for n, (at, topic) in enumerate(zip(planted.stream.times, topics, strict=True))
            ],
        ),
        "topic_events": ("day,event,topic_id,other_topic_id,detail", []),
        "alerts": ("day,topic_id", [*(alerts or [])]),
        "run_days": ("day,seconds_total", [(_FIRST, 1.5), (_START, 2.0)]),
        "topics": (
            "topic_id,label,n_messages",
            [("F", "Unexpected fees", 60), ("O", "Card declined", 40)],
        ),
    }
    for name, (columns, rows) in tables.items():
        with (out / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns.split(","))
            writer.writerows(rows)
    return out


def _topics(planted: Planted, *, of_outage: str) -> list[str]:
    return ["F" if c else of_outage for c in planted.complaints]


def test_the_outage_has_forty_texts_in_two_weeks() -> None:
    """The outage starts two thirds into the stream and lasts at most 14 days; no text repeats."""
    stream = plant_outage(_complaints(), seed=1).stream
    planted = [
        (at.date(), text)
        for at, text, intent in zip(stream.times, stream.texts, stream.intents, strict=True)
        if intent == OUTAGE
    ]
    days = [day for day, _ in planted]
    assert len({text for _, text in planted}) == 40
    assert min(days) == _START == stream.events[0].start
    assert max(days) < _START + dt.timedelta(14)
    assert stream.times == sorted(stream.times)


def test_an_outage_needs_room() -> None:
    """Too few days are refused, and the error gives the minimum."""
    with pytest.raises(ValueError, match="at least 42 days, was: 41"):
        plant_outage(_complaints(41), seed=0)


def test_complaints_of_the_outage_are_varied() -> None:
    """Every symbol is replaced, and no two texts share most of their sentences."""
    texts = outage.write(np.random.default_rng(0))
    assert not any("<" in text for text in texts)
    sentences = [set(text.split(". ")) for text in texts]
    pairs = [(a, b) for n, a in enumerate(sentences) for b in sentences[:n]]
    assert all(len(a & b) < 0.75 * min(len(a), len(b)) for a, b in pairs)


def test_an_outage_of_its_own_theme(tmp_path: Path) -> None:
    """An outage in a theme of its own, alerted on the third day, has the best scores."""
    planted = plant_outage(_complaints(), seed=1)
    day = next(
        at.date()
        for at, c in zip(planted.stream.times, planted.complaints, strict=True)
        if c is None and at.date() > _START
    )
    early = (str(_START - dt.timedelta(5)), "F")
    topics = _topics(planted, of_outage="O")
    out = _export(planted, tmp_path, topics, alerts=[early, (str(day), "O")])
    scores = outage_scores(planted.stream, out)
    assert scores.delay == (day - _START).days
    assert scores.share == scores.purity == 1
    assert scores.has_own_theme


@pytest.mark.parametrize(("of_outage", "share"), [("F", 1.0), ("", 0.0)])
def test_an_outage_that_is_swallowed(of_outage: str, share: float, tmp_path: Path) -> None:
    """An outage in another theme, or unclustered, has no theme of its own and no alert."""
    planted = plant_outage(_complaints(), seed=1)
    out = _export(planted, tmp_path, _topics(planted, of_outage=of_outage))
    scores = outage_scores(planted.stream, out)
    assert isnan(scores.delay)
    assert scores.share == share
    assert not scores.has_own_theme
    assert isnan(scores.purity) or scores.purity == 0.4


def test_themes_are_counted_without_the_unclustered() -> None:
    """Shares are of all messages, and `-` is no theme."""
    scores = theme_scores(["a", "a", "b", "c", "d", "-", "-", "-"])
    assert (scores.n_themes, scores.coverage) == (4, 5 / 8)
    assert (scores.largest, scores.three_largest) == (2 / 8, 4 / 8)


def test_kmeans_finds_what_is_apart() -> None:
    """Labels that match two groups of vectors have an NMI of 1, other labels less."""
    rng = np.random.default_rng(0)
    bundles = np.repeat(np.eye(2, dtype=np.float32), 10, axis=0)
    rows = bundles + rng.normal(0, 0.01, bundles.shape).astype(np.float32)
    golds = {"bundle": ["a"] * 10 + ["b"] * 10, "across": ["a", "b"] * 10}
    result = nmi_of_kmeans(rows, golds, n_clusters=2, n_seeds=2)
    assert result["bundle"] == pytest.approx(1)
    assert result["across"] < 0.1


def test_the_section_has_every_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Planted complaints count only in the outage's rows; columns of one value are left out."""
    monkeypatch.setattr(complaints, "_embeddings", lambda texts: np.eye(len(texts), 4))
    planted = plant_outage(
        [
            Complaint(c.day, c.text, "fees" if n % 2 else "payoff", "loan", "payday")
            for n, c in enumerate(_complaints())
        ],
        seed=1,
    )
    topics = _topics(planted, of_outage="O")
    complaints.print_figures(planted, _export(planted, tmp_path, topics))
    words = capsys.readouterr().out
    assert "60 complaints of 2 days" in words
    assert "| themes | 1 |" in words
    assert "| coverage | 1.000 |" in words
    assert "NMI with issue" in words
    assert "product" not in words
    assert "| never |" in words
    assert "| it has its own theme at the end | yes |" in words
    assert "Unexpected fees (60), Card declined (40)" in words


def test_only_the_first_days_are_read(tmp_path: Path) -> None:
    """`n_days` counts from the first complaint's day; the file may be in any order."""
    folder = tmp_path / "cfpb_2023_loans"
    folder.mkdir()
    with (folder / "cfpb_2023_loans.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["date_received", "text", "issue", "product", "sub_product"])
        for day in (3, 1, 2):
            writer.writerow([f"2023-01-0{day}", f"text {day}", "fees", "loan", ""])
    assert [c.text for c in read_complaints(tmp_path)] == ["text 1", "text 2", "text 3"]
    assert [c.text for c in read_complaints(tmp_path, n_days=2)] == ["text 1", "text 2"]
