"""The text material of the sample: sentences of customers, kept in TOML files beside the code.

A sentence has slots (`{merchant}`, see `slots.toml`) and alternatives (`[now|today|]`).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Intent:
    """One reason to write to the bank, and the ways in which customers say it."""

    name: str
    description: str
    rate: float
    """Its weight among the running intents; 0 for one that appears later."""
    frames: tuple[str, ...]
    """Whole messages, of one sentence or several."""
    details: tuple[str, ...]
    """Sentences that may follow a frame of this intent."""
    forms: tuple[str, ...]
    """What the web form makes of it."""
    examples: tuple[str, ...]
    """Labelled by hand, worded apart from the frames; empty where nobody has labelled yet."""


@dataclass(frozen=True, slots=True)
class Mood:
    """How a message begins and ends in one frame of mind."""

    greetings: tuple[str, ...]
    lead_ins: tuple[str, ...]
    closers: tuple[str, ...]
    sign_offs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Language:
    """Messages that are not in English."""

    code: str
    greetings: tuple[str, ...]
    closers: tuple[str, ...]
    frames: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Oddity:
    """A good message in an unusual shape."""

    intent: str
    text: str


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that the sample's texts are made of."""

    intents: tuple[Intent, ...]
    """By name."""
    moods: Mapping[str, Mood]
    """`polite`, `plain` and `annoyed`."""
    backgrounds: tuple[str, ...]
    asides: tuple[str, ...]
    """Another matter, mentioned in passing."""
    emoji: tuple[str, ...]
    languages: tuple[Language, ...]
    oddities: tuple[Oddity, ...]
    personal: Mapping[str, tuple[str, ...]]
    """By kind of personal data: sentences with a `{value}`."""
    slots: Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=1)
def load_material() -> Material:
    """Read all TOML files, once a process."""
    manners = _read("manners.toml")
    padding = manners.pop("padding")
    return Material(
        intents=_intents(),
        moods={name: Mood(**_tuples(table)) for name, table in manners.items()},
        backgrounds=tuple(padding["backgrounds"]),
        asides=tuple(padding["asides"]),
        emoji=tuple(padding["emoji"]),
        languages=tuple(Language(k, **_tuples(t)) for k, t in _read("languages.toml").items()),
        oddities=tuple(Oddity(**table) for table in _read("oddities.toml")["oddity"]),
        personal=_tuples(_read("personal.toml")),
        slots=_tuples(_read("slots.toml")),
    )


def _intents() -> tuple[Intent, ...]:
    folder = resources.files("nlp.apps.sample") / "intents"
    names = sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if ".toml" in f.name)
    return tuple(_intent(name, _read(f"intents/{name}.toml")) for name in names)


def _intent(name: str, table: dict[str, Any]) -> Intent:
    return Intent(
        name=name,
        description=table["description"],
        rate=float(table["rate"]),
        frames=tuple(table["frames"]),
        details=tuple(table["details"]),
        forms=tuple(table["forms"]),
        examples=tuple(table.get("examples", ())),
    )


def _read(path: str) -> dict[str, Any]:
    return tomllib.loads((resources.files("nlp.apps.sample") / path).read_text(encoding="utf-8"))


def _tuples(table: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(values) for key, values in table.items()}
