"""More values of personal data, in other formats, for the third set of `python -m bench personal`."""

import random
from collections.abc import Callable

from bench.personal_addresses import address_au, address_ca, address_gb_lower, address_nl, eircode
from bench.personal_digits import digits, letters
from bench.personal_values import _grouped, _iban_of, _luhn

_MONTHS = ["Jan", "Feb", "March", "Apr", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec"]


def card_plain(rng: random.Random) -> str:
    """Return a card number without blanks, of one of four issuers."""
    prefix, length = rng.choice([("4", 16), ("51", 16), ("2720", 16), ("6759", 16)])
    return _luhn(prefix + digits(rng, length - len(prefix) - 1))


def card_amex(rng: random.Random) -> str:
    """Return a number of American Express, grouped or not."""
    number = _luhn("34" + digits(rng, 12))
    return rng.choice([number, _grouped(number, " "), _grouped(number, "-")])


def card_dots(rng: random.Random) -> str:
    """Return a card number in pairs or with odd signs between its groups."""
    number = card_plain(rng)
    pairs = " ".join(number[i : i + 2] for i in range(0, 16, 2))
    return rng.choice(
        [pairs, _grouped(number, " . "), _grouped(number, "|"), _grouped(number, "\n")]
    )


def iban_more(rng: random.Random) -> str:
    """Return an IBAN of one of four more countries."""
    account = {
        "NL": f"{letters(rng, 4)}{digits(rng, 10)}",
        "ES": digits(rng, 20),
        "AT": digits(rng, 16),
        "BE": digits(rng, 12),
    }
    country = rng.choice(list(account))
    whole = _iban_of(country, account[country])
    grouped = [whole[i : i + 4] for i in range(0, len(whole), 4)]
    return rng.choice([whole, " ".join(grouped), "-".join(grouped), " ".join(grouped).lower()])


def birth_more(rng: random.Random) -> str:
    """Return a date of birth as it is typed in a hurry."""
    day, month, year = rng.randrange(1, 29), rng.randrange(1, 13), rng.randrange(1948, 2007)
    name = _MONTHS[month - 1]
    return rng.choice([
        f"{day}/{month}/{year}", f"{day}-{month}-{year % 100:02}", f"{day} {name} '{year % 100:02}",
        f"{name} {day} {year}", f"{day}{rng.choice(['th', ''])} {name.lower()} {year}", f"{day:02}{month:02}{year}",
        f"{year}.{month:02}.{day:02}", f"{day}. {month}. {year}",
    ])  # fmt: skip


def phone_more(rng: random.Random) -> str:
    """Return a telephone number of one of seven countries."""
    return rng.choice([
        f"0{rng.randrange(11, 19)}{rng.randrange(10, 99)} {digits(rng, 6)}", f"00 44 7{digits(rng, 9)}",
        f"+1-{rng.randrange(201, 990)}-{rng.randrange(200, 999)}-{digits(rng, 4)}", f"+61 4{digits(rng, 2)} {digits(rng, 3)} {digits(rng, 3)}",
        f"+31 6 {digits(rng, 8)}", f"+48 {rng.randrange(500, 900)} {digits(rng, 3)} {digits(rng, 3)}",
        f"+353 8{rng.choice('567')} {digits(rng, 3)} {digits(rng, 4)}", f"+55 11 9{digits(rng, 4)}-{digits(rng, 4)}",
    ])  # fmt: skip


def email_more(rng: random.Random) -> str:
    """Return an e-mail address as people type it."""
    name = rng.choice(["aroha.t", "k_lomax1987", "the.hoyles", "x", "ngozi-o"])
    return f"{name}@{rng.choice(['post.example', 'inbox.example.ie', 'MAIL.EXAMPLE'])}"


def dni(rng: random.Random) -> str:
    """Return a Spanish identity number."""
    number = digits(rng, 8)
    return f"{number}{rng.choice(['', '-'])}{'TRWAGMYFPDXBNJZSQVHLCKE'[int(number) % 23]}"


MORE: dict[str, Callable[[random.Random], str]] = {
    **{f.__name__: f for f in (card_plain, card_amex, card_dots, iban_more, birth_more, dni)},
    **{f.__name__: f for f in (address_au, address_nl, address_ca, address_gb_lower, eircode)},
    **{f.__name__: f for f in (phone_more, email_more)},
    "passport_more": lambda r: r.choice(
        [
            f"{letters(r, 2)}{digits(r, 7)}",
            f"{letters(r, 1)}{digits(r, 8)}",
            f"{letters(r, 3)}{digits(r, 6)}",
        ]
    ),
    "ip_v6": lambda r: f"2001:db8:{r.randrange(4096, 65535):x}::{r.randrange(16, 4095):x}",
}
"""The slots of `personal_chats.toml` that `personal_values.VALUES` has not."""
