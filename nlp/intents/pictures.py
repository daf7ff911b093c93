"""The confusion matrix and the reliability diagram of held-out guesses, as PNG."""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from nlp.intents.calibration import HeldOut

_N_BINS = 15


def confusion_png(held_out: HeldOut, names: Sequence[str]) -> bytes:
    """Return true intents against guesses; each row sums to 1."""
    k = len(names)
    table = np.zeros((k, k))
    np.add.at(table, (held_out.y, held_out.guess), 1)
    table /= np.maximum(table.sum(axis=1, keepdims=True), 1)
    size = max(4.0, 0.16 * k + 2)
    figure, axes = _figure(size)
    axes.imshow(table, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(k), names, rotation=90, fontsize=5)
    axes.set_yticks(range(k), names, fontsize=5)
    axes.set_xlabel("guess")
    axes.set_ylabel("label")
    return _png(figure)


def reliability_png(held_out: HeldOut) -> bytes:
    """Return accuracy against probability in 15 bins, with the number of messages per bin."""
    right = held_out.guess == held_out.y
    at = np.minimum((held_out.probability * _N_BINS).astype(int), _N_BINS - 1)
    bins = np.unique(at)
    figure, axes = _figure(4.0)
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
    sure = [held_out.probability[at == b].mean() for b in bins]
    share = [right[at == b].mean() for b in bins]
    axes.scatter(sure, share, s=[4 + 200 * (at == b).mean() for b in bins])
    axes.set_xlabel("probability")
    axes.set_ylabel("share right")
    return _png(figure)


def _figure(size: float) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(size, size), layout="constrained")
    return figure, figure.add_subplot()


def _png(figure: Any) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return buffer.getvalue()
