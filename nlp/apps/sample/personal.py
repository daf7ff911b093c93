"""Made-up personal data that looks valid and belongs to nobody.

Cards have the prefixes that payment gateways use for tests, IBANs a bank that does not exist.
E-mail and network addresses come from documentation ranges (RFC 2606, 5737, 3849), and telephone
numbers from the ranges that regulators reserve for fiction. US social security numbers have no
such range: they have a plausible form and are random.
"""

import random
from collections.abc import Callable, Mapping

KINDS = ("CARD", "EMAIL", "PHONE", "IBAN", "SSN", "IP", "URL")
_WEIGHTS = (5, 6, 6, 3, 1, 1, 1)
_TEST_PREFIXES = ("424242", "400000", "555555", "411111", "510510")
_IBAN_BANKS = (("GB", "SMPL", 14), ("IE", "SMPL", 14), ("NL", "SMPL", 10), ("DE", "", 18))
_FIRST = ("anna", "james", "priya", "tom", "olivia", "mo", "grace", "ewan", "sofia", "dan", "beth")
_LAST = ("whitfield", "okafor", "marsden", "kaur", "hollis", "brennan", "nowak", "silva", "lind")


def pick_kinds(rng: random.Random) -> list[str]:
    """Return one kind of personal data, or two in every sixth case."""
    kinds = rng.choices(KINDS, _WEIGHTS)
    if rng.random() < 0.17:
        kinds.append(rng.choice([k for k in KINDS if k not in kinds]))
    return kinds


def make(rng: random.Random, kind: str) -> str:
    """Return a new value of one of `KINDS`."""
    return _MAKERS[kind](rng)


def luhn_digit(digits: str) -> int:
    """Return the check digit that makes `digits` a card number (ISO/IEC 7812-1)."""
    doubled = [int(d) * (2 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits))]
    return -sum(sum(divmod(d, 10)) for d in doubled) % 10


def iban_check(country: str, account: str) -> int:
    """Return the two check digits of an IBAN (ISO 13616, modulo 97), as a number 2 to 98."""
    return 98 - int("".join(str(int(c, 36)) for c in f"{account}{country}00")) % 97


def _digits(rng: random.Random, n: int) -> str:
    return "".join(rng.choices("0123456789", k=n))


def _card(rng: random.Random) -> str:
    digits = rng.choice(_TEST_PREFIXES) + _digits(rng, 9)
    digits += str(luhn_digit(digits))
    return rng.choice((" ", " ", "-", "")).join(digits[i : i + 4] for i in range(0, 16, 4))


def _email(rng: random.Random) -> str:
    user = f"{rng.choice(_FIRST)}{rng.choice(('.', '_', ''))}{rng.choice(_LAST)}"
    user += rng.choice(("", "", "", str(rng.randrange(60, 100)), "+bank"))
    return f"{user}@{rng.choice(('', '', 'mail.'))}example.{rng.choice(('com', 'org', 'net'))}"


def _phone(rng: random.Random) -> str:
    three = _digits(rng, 3)
    hundred = f"{rng.randrange(100):02d}"
    area = rng.choice(("212", "312", "415", "617"))
    return rng.choice(
        (
            f"07700 900{three}",
            f"02079460{three}",
            f"+44 7700 900{three}",
            f"020 7946 0{three}",
            f"(0161) 496 0{three}",
            f"({area}) 555-01{hundred}",
            f"+1 {area}-555-01{hundred}",
            f"+33 6 39 98 {hundred} {rng.randrange(10, 99)}",
            f"+49 30 23125 {three}",
            f"+61 491 570 {rng.choice(('006', '156', '157', '158', '159'))}",
        )
    )


def _iban(rng: random.Random) -> str:
    country, bank, n = rng.choice(_IBAN_BANKS)
    account = bank + _digits(rng, n)
    whole = f"{country}{iban_check(country, account):02d}{account}"
    groups = [whole[i : i + 4] for i in range(0, len(whole), 4)]
    return rng.choice((" ", "")).join(groups)


def _ssn(rng: random.Random) -> str:
    return f"{rng.randrange(101, 666)}-{rng.randrange(10, 99)}-{rng.randrange(1000, 9999)}"


def _ip(rng: random.Random) -> str:
    if rng.random() < 0.2:
        return f"2001:db8:{rng.randrange(4096, 65535):x}::{rng.randrange(1, 4096):x}"
    return f"{rng.choice(('192.0.2', '198.51.100', '203.0.113'))}.{rng.randrange(1, 255)}"


def _url(rng: random.Random) -> str:
    secret = f"{rng.choice(_LAST).title()}{rng.randrange(1950, 2010)}"
    host = f"{rng.choice(('portal', 'files', 'my'))}.example.{rng.choice(('com', 'net'))}"
    if rng.random() < 0.3:
        return f"https://{host}/reset?token={secret}{_digits(rng, 6)}"
    return f"https://{rng.choice(_FIRST)}:{secret}@{host}/documents"


_MAKERS: Mapping[str, Callable[[random.Random], str]] = {
    "CARD": _card,
    "EMAIL": _email,
    "PHONE": _phone,
    "IBAN": _iban,
    "SSN": _ssn,
    "IP": _ip,
    "URL": _url,
}
