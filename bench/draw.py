"""Pictures of a replayed stream: planted events, alerts, coverage and accuracy."""

import datetime as dt
import io
import os
from pathlib import Path
from typing import Any

import numpy as np

from bench.evaluate import is_right
from bench.stream_scores import alerts_of, event_of, is_detection, rows_of
from bench.streams import N_DAYS, NOISE, WARM_UP_DAYS, Stream

VARIABLE = "TRIAGE_BENCH_PLOTS"
"""Environment variable with the folder for pictures; unset: nothing is drawn."""
_COLOURS = {"new_topic": "#2a6f97", "surge": "#e09f3e"}
_KINDS = {"new_topic": "new topic", "surge": "surge"}
_FALSE, _MUTED = "#b3261e", "#6b7280"
_WEEK = 7


def folder() -> Path | None:
    """Return the folder for pictures, None if nothing is drawn."""
    name = os.environ.get(VARIABLE)
    return Path(name) if name else None


def draw(stream: Stream, out: Path, *, kind: str, folder: Path) -> str:
    """Draw the replay in `out` as a PNG in `folder`; return the Markdown that shows it."""
    from matplotlib.figure import Figure
    from PIL import Image

    figure = Figure(figsize=(9, 8.5), layout="constrained")
    events, coverage, weeks = figure.subplots(
        3, 1, gridspec_kw={"height_ratios": [1 + 0.22 * len(stream.events), 1.3, 1.3]}
    )
    figure.suptitle(f"{kind}, seed 0: planted events and alerts", fontsize=12)
    _events(events, stream, out)
    _coverage(coverage, stream, out)
    _weeks(weeks, stream, out)
    for axes in (events, coverage, weeks):
        axes.set_xlim(0.4, N_DAYS + 0.6)
        axes.set_xticks([1, *range(4, N_DAYS + 1, 4)])
        axes.axvspan(0.4, WARM_UP_DAYS + 0.5, color="#eef1f4", zorder=0)
        axes.spines[["top", "right"]].set_visible(False)
    weeks.set_xlabel("day of the stream (grey: warm-up)")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{kind.replace(' ', '-').lower()}.png"
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=96)
    Image.open(drawn).convert("RGB").quantize(256).save(path, optimize=True)  # a third of the size
    return f"![{kind}, seed 0]({folder.name}/{path.name})"


def _events(axes: Any, stream: Stream, out: Path) -> None:
    """Draw a row per event with its alerts, and below them the alerts that match no event."""
    planted = sorted(stream.events, key=lambda e: (e.start, e.intent), reverse=True)
    line = {event: n + 1 for n, event in enumerate(planted)}
    matched, false, detected = [], [], set()
    for day, intent in alerts_of(stream, out):
        number = _number(stream, day)
        if event := event_of(stream.events, day, intent):
            matched.append((number, line[event]))
            detected |= {event} if is_detection(event, day) else set()
        elif number > WARM_UP_DAYS:
            false.append((number, 0))
    for event, y in line.items():
        start = _number(stream, event.start)
        style = {"color": _COLOURS[event.kind], "alpha": 0.55 if event in detected else 0.2}
        axes.barh(y, event.n_days, left=start - 0.5, height=0.62, **style)
        if event not in detected:
            axes.text(start + event.n_days - 0.3, y, "missed", color=_FALSE, va="center", size=8)
    if matched:
        axes.scatter(*zip(*matched, strict=True), color="black", s=26, zorder=3)
    if false:
        axes.scatter(*zip(*_stacked(false), strict=True), color=_FALSE, marker="x", s=30, zorder=3)
    names = [event.intent.replace("_", " ")[:44] for event in planted]
    axes.set_yticks(range(len(planted) + 1), ["no event: false", *names], fontsize=8)
    axes.get_yticklabels()[0].set_color(_FALSE)
    axes.set_ylim(-0.8, len(planted) + 0.6)
    _event_legend(axes, n_found=len(detected), n_planted=len(planted), n_false=len(false))


def _event_legend(axes: Any, *, n_found: int, n_planted: int, n_false: int) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    mark = {"color": "black", "marker": "o", "linestyle": "", "markersize": 5}
    handles = [
        *(Patch(color=_COLOURS[k], alpha=0.55, label=name) for k, name in _KINDS.items()),
        Line2D([], [], **mark, label=f"alert on an event ({n_found} of {n_planted} found in time)"),
        Line2D([], [], **(mark | {"color": _FALSE, "marker": "x"}), label=f"false ({n_false})"),
    ]
    above = {"loc": "lower right", "bbox_to_anchor": (1, 0.99), "frameon": False}
    axes.legend(handles=handles, ncols=4, fontsize=8, **above)


def _stacked(marks: list[tuple[int, int]]) -> list[tuple[float, float]]:
    """Move the marks of one day apart, so that they do not overlap."""
    seen: dict[tuple[int, int], int] = {}
    placed = []
    for mark in marks:
        n = seen[mark] = seen.get(mark, -1) + 1
        placed.append((mark[0] + 0.3 * ((n + 1) // 2) * (-1) ** n, float(mark[1])))
    return placed


def _coverage(axes: Any, stream: Stream, out: Path) -> None:
    """Draw each day's share of messages in a topic, on that day and at the end, without noise."""
    rows = rows_of(out / "assignments.csv")
    truth = np.array([stream.intents[int(r["message_id"])] for r in rows])
    day = np.array([_number(stream, dt.date.fromisoformat(r["created_at"][:10])) for r in rows])
    days = np.arange(1, N_DAYS + 1)
    for column, name, style in (
        ("topic_id_first", "on the day itself", {"linestyle": "--", "color": _MUTED}),
        ("topic_id", "at the end", {"color": _COLOURS["new_topic"]}),
    ):
        is_in = np.array([bool(r[column]) for r in rows])
        shares = [is_in[(day == d) & (truth != NOISE)].mean() for d in days]
        axes.plot(days, shares, label=f"in a topic, {name}", **style)
    if (truth == NOISE).any():
        shares = [(~is_in[(day == d) & (truth == NOISE)]).mean() for d in days]
        axes.plot(days, shares, label="noise kept out, at the end", color=_FALSE, linewidth=1)
    axes.set_ylim(0, 1.04)
    axes.set_ylabel("coverage")
    axes.grid(axis="y", alpha=0.3)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 0.98), fontsize=8, frameon=False, ncols=3)


def _weeks(axes: Any, stream: Stream, out: Path) -> None:
    """Draw the topics' accuracy at the end by week, with one match of topics to intents for all."""
    rows = [r for r in rows_of(out / "assignments.csv") if r["topic_id"]]
    rows = [r for r in rows if stream.intents[int(r["message_id"])] != NOISE]
    gold = np.array([stream.intents[int(r["message_id"])] for r in rows])
    right = is_right(gold, np.array([r["topic_id"] for r in rows]))
    day = [_number(stream, dt.date.fromisoformat(r["created_at"][:10])) for r in rows]
    week = (np.array(day) - 1) // _WEEK
    for n in range(N_DAYS // _WEEK):
        share = right[week == n].mean()
        middle = n * _WEEK + (_WEEK + 1) / 2
        axes.bar(middle, share, width=_WEEK - 0.4, color=_COLOURS["new_topic"], alpha=0.55)
        label = f"days {n * _WEEK + 1} to {(n + 1) * _WEEK}: {share:.2f}"
        axes.text(middle, share / 2, label, ha="center", va="center", size=9)
    overall = right.mean()
    axes.axhline(overall, color="black", linewidth=1, linestyle=":")
    caption = f"at the end, all days: {overall:.2f}"
    axes.text(N_DAYS + 0.5, overall + 0.03, caption, ha="right", size=9)
    axes.set_ylim(0, 1.04)
    axes.set_ylabel("accuracy")


def _number(stream: Stream, day: dt.date) -> int:
    """The number of a day; the stream's first day is 1."""
    return (day - min(stream.times).date()).days + 1
