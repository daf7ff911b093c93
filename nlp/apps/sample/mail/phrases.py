"""The phrases around a customer's words, kept in TOML files beside the code."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Machine:
    """A mail that no person wrote."""

    subject: str
    text: str
    """Plain, with gaps as in the other material, and `{customer}` for who has the mailbox."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """All phrases of `phrases.toml`, and the subject lines of each intent."""

    bank: str
    bank_address: str
    agents: tuple[str, ...]
    joints: tuple[str, ...]
    """What leads over to a second request."""
    remarks: tuple[str, ...]
    """Side remarks that ask for nothing."""
    chasers: tuple[str, ...]
    """How a later turn of a conversation begins."""
    thanks: tuple[str, ...]
    """Whole turns of a customer who asks for nothing more."""
    agent_greetings: tuple[str, ...]
    """How customers greet an agent."""
    answers: tuple[str, ...]
    answer_closings: tuple[str, ...]
    chat_answers: tuple[str, ...]
    signatures: tuple[str, ...]
    company_signatures: tuple[str, ...]
    disclaimers: tuple[str, ...]
    forms: tuple[str, ...]
    """Layouts of the web form; `{words}` is what the customer typed."""
    vague_subjects: tuple[str, ...]
    machines: tuple[Machine, ...]
    subjects: Mapping[str, tuple[str, ...]]
    """By intent."""


@lru_cache(maxsize=1)
def load_phrases() -> Phrases:
    """Read the phrases, once per process."""
    table = _read("phrases.toml")
    machines = tuple(Machine(**machine) for machine in table.pop("machine"))
    bank = table.pop("bank")
    lists = {key: tuple(values) for key, values in table.items()}
    subjects = {key: tuple(values) for key, values in _read("subjects.toml").items()}
    return Phrases(
        bank=bank["name"],
        bank_address=bank["address"],
        machines=machines,
        subjects=subjects,
        **lists,
    )


def _read(name: str) -> dict[str, Any]:
    path = resources.files("nlp.apps.sample.mail") / name
    return tomllib.loads(path.read_text(encoding="utf-8"))
