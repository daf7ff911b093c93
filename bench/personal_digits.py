"""Rows of digits and letters for drawn values."""

import random

_LETTERS = "ABCDEFGHJKLMNPRSTWXYZ"


def digits(rng: random.Random, n: int, *, first: str = "123456789") -> str:
    """Return `n` digits; never a plain row such as 123456."""
    rest = "".join(rng.choice("0123456789") for _ in range(n - 2))
    return rng.choice(first) + rest + rng.choice("0123456789")


def letters(rng: random.Random, n: int) -> str:
    """Return `n` capital letters."""
    return "".join(rng.choice(_LETTERS) for _ in range(n))
