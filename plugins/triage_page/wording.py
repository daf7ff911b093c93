"""Plain words for what is stored in the terms of the model."""

import re

METRICS = {
    "accuracy": "right on examples that it had not seen",
    "answered": "decides itself",
    "precision_of_answers": "right where it decides itself",
    "macro_f1": "quality, each intent counted alike (F1)",
    "ece": "how far its percentages are off (calibration error)",
    "oos_auroc": "tells its intents from others (1 always, 0.5 by chance)",
    "n_examples": "examples that it learnt from",
    "n_intents": "intents",
    "n_pool": "messages without a label that it learnt from",
    "seconds": "seconds of training",
    "cold_start": "learnt from names and descriptions alone",
}
_SHARES = ("accuracy", "answered", "precision_of_answers")
_WORDS = {
    "champion": "in service",
    "challenger": "waits for approval",
    "birth": "born",
    "retire": "ended",
    "revive": "came back",
    "unmerge": "parted",
    "new_topic": "new theme",
}
_P_VALUE = re.compile(r", p (\d[\d.e+-]*)$")
_MILLION = 1_000_000


def in_words(name: str) -> str:
    """A role or an event as a person says it."""
    return _WORDS.get(name, name.replace("_", " "))


def metric(name: str) -> str:
    """What a figure of a model says."""
    return METRICS.get(name, name.replace("_", " "))


def figure(value: object, name: str) -> str:
    """The value of a figure of a model: a share in percent, a count whole."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if name in _SHARES:
        return f"{value:.0%}"
    is_whole = name.startswith("n_") or (value >= 1 and value % 1 == 0)
    return f"{value:.0f}" if is_whole else f"{value:.3f}"


def evidence(detail: str) -> str:
    """What was found of an event, with a p-value said in words."""
    return _P_VALUE.sub(lambda match: f"; {_by_chance(float(match[1]))}", detail)


def _by_chance(p: float) -> str:
    if p * _MILLION < 1:
        return "by chance less than once in a million times"
    return f"by chance about once in {round(1 / p):,} times".replace(",", "\u202f")
