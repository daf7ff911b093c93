"""Check digits of national numbers, and the test for figures that are only an example."""

from itertools import pairwise


def mod97(number: str) -> int:
    """Return the remainder of a number of digits and letters by 97, as ISO 7064 reads it."""
    return int("".join(str(int(c, 36)) for c in number)) % 97


def is_iban(compact: str) -> bool:
    """Whether an IBAN without blanks has the right check digits."""
    return mod97(compact[4:] + compact[:4]) == 1


def is_nir(digits: str) -> bool:
    """Whether 15 digits are a French insurance number."""
    return digits.isdigit() and len(digits) == 15 and 97 - int(digits[:13]) % 97 == int(digits[13:])


def is_nif(number: str) -> bool:
    """Whether eight digits and a letter are a Spanish identity number."""
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(number[:8]) % 23] == number[8].upper()


def is_plain_row(value: str) -> bool:
    """Whether the digits of a value count up or down or repeat, as in an example: 12345678, 000000."""
    digits = [int(c) for c in value if c.isdigit()]
    steps = {(b - a) % 10 for a, b in pairwise(digits)}
    return len(digits) > 3 and len(steps) == 1 and steps <= {0, 1, 9}
