"""What real inboxes hold besides clean sentences: typos, personal data, broken rows."""

import datetime as dt
import random
from collections.abc import Callable

_NAMES = ("jo.smith", "amira_k", "t.nowak", "lee+bank", "maria.garcia", "ben99")


def misspell(rng: random.Random, text: str) -> str:
    """Swap, drop or double one letter in one to three places."""
    letters = list(text)
    for _ in range(rng.randint(1, 3)):
        places = [i for i in range(len(letters) - 1) if letters[i].isalpha()]
        if not places:
            break
        i = rng.choice(places)
        kind = rng.choice(("swap", "drop", "double"))
        if kind == "swap":
            letters[i], letters[i + 1] = letters[i + 1], letters[i]
        elif kind == "drop":
            del letters[i]
        else:
            letters.insert(i, letters[i])
    return "".join(letters)


def with_personal_data(rng: random.Random, text: str) -> tuple[str, str, str]:
    """Return the text with a made-up piece of personal data, its kind and its value."""
    kind, make, frame = rng.choice(_KINDS)
    value = make(rng)
    return f"{text.rstrip('.!?')}. {frame.format(value)}", kind, value


def card_number(rng: random.Random) -> str:
    """A number of 16 digits whose check digit is right (Luhn)."""
    digits = [4, *(rng.randrange(10) for _ in range(14))]
    total = sum(sum(divmod(2 * d, 10)) if i % 2 == 0 else d for i, d in enumerate(digits))
    digits.append(-total % 10)
    plain = "".join(map(str, digits))
    return rng.choice((plain, " ".join(plain[i : i + 4] for i in range(0, 16, 4))))


def iban(rng: random.Random) -> str:
    """A British IBAN whose check digits are right (ISO 13616)."""
    account = "".join(str(rng.randrange(10)) for _ in range(14))
    letters = "".join(str(ord(c) - 55) for c in "WEST")
    check = 98 - int(f"{letters}{account}161100") % 97
    return f"GB{check:02d} WEST {account[:4]} {account[4:8]} {account[8:12]} {account[12:]}"


def _email(rng: random.Random) -> str:
    return f"{rng.choice(_NAMES)}@example.{rng.choice(('com', 'org', 'net'))}"


def _phone(rng: random.Random) -> str:
    last = f"{rng.randrange(1000):03d}"
    return rng.choice((f"07700 900{last}", f"+44 7700 900{last}", f"020 7946 0{last}"))


def _ssn(rng: random.Random) -> str:
    return f"{rng.randrange(100, 600)}-{rng.randrange(10, 99)}-{rng.randrange(1000, 9999)}"


_KINDS: tuple[tuple[str, Callable[[random.Random], str], str], ...] = (
    ("CARD", card_number, "My card number is {}"),
    ("EMAIL", _email, "You can reach me at {}"),
    ("PHONE", _phone, "Call me on {} please"),
    ("IBAN", iban, "The account is {}"),
    ("SSN", _ssn, "My social security number is {}"),
)


def broken_rows(rng: random.Random, day: dt.date, *, known_id: str) -> list[tuple[str, bytes]]:
    """Four rows of a day's file that break the contract, each with its reason."""
    at = f"{day}T12:00:00+00:00"
    kinds: list[tuple[str, str, str, str]] = [
        ("empty_text", f"{day:%m%d}-x0", at, ""),
        ("empty_text", f"{day:%m%d}-x1", at, "   "),
        ("no_id", "", at, "why was my card declined"),
        ("no_offset", f"{day:%m%d}-x2", f"{day}T12:00:00", "where is my refund"),
        ("bad_created_at", f"{day:%m%d}-x3", "yesterday at noon", "I lost my card"),
        ("future", f"{day:%m%d}-x4", "2091-01-01T00:00:00Z", "close my account"),
        ("id_conflict", known_id, at, "another text under an id that is taken"),
        ("too_long", f"{day:%m%d}-x5", at, "help " * 10_500),
    ]
    rows = [
        (reason, f"{external_id},{created_at},{text},chat,\n".encode())
        for reason, external_id, created_at, text in rng.sample(kinds, 3)
    ]
    spoilt = f"{day:%m%d}-x6,{at},caf".encode() + b"\xe9 card payment declined,chat,\n"
    return [*rows, ("unreadable_row", spoilt)]
