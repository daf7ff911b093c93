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
    """One reason to write to the bank, and the ways in which customers put it."""

    name: str
    description: str
    rate: float
    """Its weight among the running intents; 0 for one that appears later."""
    frames: tuple[str, ...]
    """Whole messages of one or more sentences."""
    details: tuple[str, ...]
    """Sentences that can follow a frame of this intent."""
    forms: tuple[str, ...]
    """Its wording in the web form."""
    examples: tuple[str, ...]
    """Labelled by hand, worded differently from the frames; empty where none are labelled yet."""


@dataclass(frozen=True, slots=True)
class Mood:
    """How a message begins and ends in one mood."""

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
    """A good message of an unusual form."""

    intent: str
    text: str


@dataclass(frozen=True, slots=True)
class Material:
    """All text material of the sample."""

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
    """Sentences with a `{value}`, by kind of personal data."""
    slots: Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=1)
def load_material() -> Material:
    """Read all TOML files, once per process."""
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
