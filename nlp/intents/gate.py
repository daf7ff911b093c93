"""Whether a challenger may be proposed for approval: both models judged on the same messages."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from nlp.intents.confidence import expected_calibration_error
from nlp.records import Prediction

_NET_LOSS = 3
"""Messages that an intent must lose before its recall counts: one of five would be a fifth."""
_SIGNIFICANT = 0.05
_ECE_SLACK = 0.03
_SLOWER = 2.0
_FAST_ENOUGH = 1.0
"""Milliseconds per message below which nobody notices that a model became slower."""


@dataclass(frozen=True, slots=True)
class GateResult:
    """The comparison and its verdict."""

    n_messages: int
    champion: dict[str, float]
    """`accuracy`, `ece`, `answered` (a share) and `ms` (per message)."""
    challenger: dict[str, float]
    won: int
    """Messages that only the challenger gets right."""
    lost: int
    p_worse: float
    """Exact one-sided McNemar: chance of this many losses if both were equally good."""
    changed: float
    """Share of messages on which the two differ."""
    losses: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Intents whose recall fell too far, with the recall before and after."""
    reasons: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether there is no reason against it."""
        return not self.reasons

    def record(self) -> dict[str, Any]:
        """Return it in the form that Postgres stores."""
        return {**asdict(self), "verdict": "pass" if self.passed else "; ".join(self.reasons)}

    def markdown(self) -> str:
        """Return it in the form that a person reads before approving."""
        rows = [
            f"| {name} | {self.champion[key]:.4f} | {self.challenger[key]:.4f} |"
            for name, key in (
                ("accuracy", "accuracy"),
                ("calibration error", "ece"),
                ("share answered", "answered"),
                ("ms a message", "ms"),
            )
        ]
        verdict = "**Passes the gate.**"
        if not self.passed:
            verdict = "**Refused:** " + "; ".join(self.reasons)
        summary = (
            f"Only the challenger is right on {self.won}, only the champion on {self.lost} "
            f"(McNemar, worse: p = {self.p_worse:.3f}); {self.changed:.1%} of answers change."
        )
        head = f"{verdict} Both judged on the same {self.n_messages} held-out messages."
        table = "\n".join(["| | champion | challenger |", "|---|---|---|", *rows])
        return "\n\n".join([head, table, summary])


def judge(
    gold: Sequence[str],
    champion: Sequence[Prediction],
    challenger: Sequence[Prediction],
    *,
    milliseconds: tuple[float, float],
    recall_loss: float,
) -> GateResult:
    """Compare two models on the same messages; `milliseconds` per message, champion first."""
    from scipy.stats import binomtest

    labels = np.array(gold, dtype=object)
    before = np.array([p.intent for p in champion], dtype=object)
    after = np.array([p.intent for p in challenger], dtype=object)
    right_before, right_after = before == labels, after == labels
    won, lost = int((right_after & ~right_before).sum()), int((right_before & ~right_after).sum())
    p_worse = float(binomtest(lost, won + lost, 0.5, alternative="greater").pvalue) if lost else 1.0
    figures = [
        _figures(predictions, right, ms)
        for predictions, right, ms in zip(
            (champion, challenger), (right_before, right_after), milliseconds, strict=True
        )
    ]
    losses = _losses(labels, right_before, right_after, recall_loss=recall_loss)
    return GateResult(
        n_messages=len(gold),
        champion=figures[0],
        challenger=figures[1],
        won=won,
        lost=lost,
        p_worse=p_worse,
        changed=float((before != after).mean()) if len(gold) else 0.0,
        losses=losses,
        reasons=_reasons(figures[0], figures[1], p_worse=p_worse, losses=losses),
    )


def _figures(predictions: Sequence[Prediction], right: Any, ms: float) -> dict[str, float]:
    probability = np.array([p.probability for p in predictions])
    return {
        "accuracy": float(right.mean()) if len(predictions) else 0.0,
        "ece": expected_calibration_error(probability, right),
        "answered": float(np.mean([not p.abstained for p in predictions])) if predictions else 0.0,
        "ms": ms,
    }


def _losses(
    labels: Any, before: Any, after: Any, *, recall_loss: float
) -> dict[str, tuple[float, float]]:
    out = {}
    for intent in sorted(set(labels.tolist())):
        at = labels == intent
        was, now = float(before[at].mean()), float(after[at].mean())
        if was - now > recall_loss and before[at].sum() - after[at].sum() >= _NET_LOSS:
            out[intent] = (was, now)
    return out


def _reasons(
    champion: dict[str, float],
    challenger: dict[str, float],
    *,
    p_worse: float,
    losses: dict[str, tuple[float, float]],
) -> list[str]:
    reasons = []
    if p_worse < _SIGNIFICANT:
        reasons.append(
            f"accuracy {challenger['accuracy']:.3f} against {champion['accuracy']:.3f} "
            f"(p = {p_worse:.3f})"
        )
    reasons += [f"{name} falls from recall {a:.2f} to {b:.2f}" for name, (a, b) in losses.items()]
    if challenger["ece"] > champion["ece"] + _ECE_SLACK:
        reasons.append(f"calibration error {challenger['ece']:.3f} against {champion['ece']:.3f}")
    if challenger["ms"] > max(_FAST_ENOUGH, _SLOWER * champion["ms"]):
        reasons.append(f"{challenger['ms']:.2f} ms a message against {champion['ms']:.2f}")
    return reasons
