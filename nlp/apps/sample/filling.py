"""Turn a sentence with slots and alternatives into one that a customer may have written."""

import random
import re
from collections.abc import Callable, Mapping

_ALTERNATIVES = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")
_SPACES = re.compile(r"(?<=\S) {2,}")


def fill(rng: random.Random, sentence: str, slots: Mapping[str, tuple[str, ...]]) -> str:
    """Return `sentence` with every alternative chosen and every slot filled.

    A sentence that begins with a slot begins with a capital. `{value}` stays: it is filled with
    personal data last. An unknown slot is a KeyError, because the material is part of this code.
    """
    chosen = _ALTERNATIVES.sub(lambda m: rng.choice(m[1].split("|")), sentence)
    filled = _SLOT.sub(lambda m: _slot(rng, m[1], slots), chosen)
    text = _SPACES.sub(" ", filled).strip()
    return text[0].upper() + text[1:] if chosen.startswith("{") else text


def _slot(rng: random.Random, name: str, slots: Mapping[str, tuple[str, ...]]) -> str:
    if name == "value":
        return "{value}"
    if name == "person_cap":
        person = rng.choice(slots["person"])
        return person[0].upper() + person[1:]
    if name in _MADE:
        return _MADE[name](rng)
    return rng.choice(slots[name])


def _amount(rng: random.Random) -> str:
    """A sum as customers write it: mostly below a hundred, sometimes thousands."""
    pounds = int(rng.lognormvariate(4.2, 1.1)) + 2
    style = rng.random()
    if style < 0.45:
        return f"£{pounds:,}.{rng.randrange(100):02d}"
    if style < 0.8:
        return f"£{pounds:,}"
    if style < 0.9:
        return f"{pounds} pounds"
    return f"€{pounds}" if style < 0.95 else f"{pounds} GBP"


def _reference(rng: random.Random) -> str:
    return f"{rng.choice('ABCDFGHKLMPRTX')}{rng.choice('AEHKPQSTW')}-{rng.randrange(10000, 99999)}"


def _last_four(rng: random.Random) -> str:
    return f"{rng.randrange(1000, 10000)}"


_MADE: Mapping[str, Callable[[random.Random], str]] = {
    "amount": _amount,
    "ref": _reference,
    "last4": _last_four,
}
