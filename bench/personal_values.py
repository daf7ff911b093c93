"""Values of personal data as people write them, drawn for `python -m bench personal`.

Formats and check digits are written here anew, not taken from the recogniser.
"""

import random
from collections.abc import Callable

from bench.personal_addresses import (
    address_de,
    address_fr,
    address_gb,
    address_in,
    address_us,
    postcode,
    street_gb,
)
from bench.personal_digits import digits, letters


def _luhn(number: str) -> str:
    total = 0
    for i, digit in enumerate(reversed(number)):
        doubled = int(digit) * (2 if i % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return number + str((10 - total % 10) % 10)


def _card_digits(rng: random.Random) -> str:
    prefix, length = rng.choice([("4", 16), ("53", 16), ("2305", 16), ("37", 15), ("6011", 16)])
    return _luhn(prefix + digits(rng, length - len(prefix) - 1))


def _grouped(number: str, glue: str) -> str:
    sizes = (4, 6, 5) if len(number) == 15 else (4, 4, 4, 4)
    groups, at = [], 0
    for size in sizes:
        groups.append(number[at : at + size])
        at += size
    return glue.join(groups)


def card(rng: random.Random) -> str:
    """Return a card number as it is printed or typed."""
    return _grouped(_card_digits(rng), rng.choice(["", " ", "-", " "]))


def card_odd(rng: random.Random) -> str:
    """Return a card number in an unusual grouping."""
    glue = rng.choice(
        ["/", "_", "   ", " - ", ", ", "&nbsp;", "</b> <b>", "\u00a0", "\u200b", ".", "\u2009"]
    )
    return _grouped(_card_digits(rng), glue)


def card_wrong(rng: random.Random) -> str:
    """Return a card number with one wrong digit."""
    number = _card_digits(rng)
    at = rng.randrange(6, len(number))
    wrong = str((int(number[at]) + rng.randrange(1, 10)) % 10)
    return _grouped(number[:at] + wrong + number[at + 1 :], rng.choice(["", " ", "-"]))


def _iban_of(country: str, account: str) -> str:
    number = int("".join(str(int(c, 36)) for c in f"{account}{country}00"))
    return f"{country}{98 - number % 97:02}{account}"


def iban(rng: random.Random) -> str:
    """Return an IBAN of one of five countries."""
    country = rng.choice(["GB", "DE", "FR", "IE", "PL"])
    bank = letters(rng, 4)
    account = {
        "GB": bank + digits(rng, 14),
        "IE": bank + digits(rng, 14),
        "DE": digits(rng, 18),
        "FR": digits(rng, 23),
        "PL": digits(rng, 24),
    }[country]
    whole = _iban_of(country, account)
    spaced = " ".join(whole[i : i + 4] for i in range(0, len(whole), 4))
    return rng.choice([whole, spaced, spaced, whole.lower()])


def iban_wrong(rng: random.Random) -> str:
    """Return an IBAN with a wrong last digit."""
    right = _iban_of("GB", "WXBK" + digits(rng, 14))
    wrong = right[:-1] + str((int(right[-1]) + 3) % 10)
    return " ".join(wrong[i : i + 4] for i in range(0, len(wrong), 4))


def birth(rng: random.Random) -> str:
    """Return a date of birth in one of many forms."""
    day, month, year = rng.randrange(1, 29), rng.randrange(1, 13), rng.randrange(1941, 2007)
    name = ["January", "February", "March", "April", "May", "June", "July", "August", "September"]
    word = name[month % 9]
    return rng.choice([
        f"{day:02}/{month:02}/{year}", f"{day}.{month}.{year}", f"{day}/{month}/{year % 100:02}",
        f"{year}-{month:02}-{day:02}", f"{day} {word} {year}", f"{word} {day}, {year}",
        f"{day}th of {word} {year}", f"{day:02}-{month:02}-{year}", f"{day} {word[:3]} {year}",
    ])  # fmt: skip


def _verhoeff(number: str) -> str:
    multiply = [[(a + b) % 5 if a < 5 and b < 5 else 0 for b in range(10)] for a in range(10)]
    for a in range(10):  # the dihedral group of order ten
        for b in range(10):
            x, y = a % 5, b % 5
            if a < 5:
                multiply[a][b] = (x + y) % 5 + (5 if b >= 5 else 0)
            else:
                multiply[a][b] = (x - y) % 5 + (0 if b >= 5 else 5)
    permute = [list(range(10)), [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]]
    while len(permute) < 8:
        permute.append([permute[-1][permute[1][i]] for i in range(10)])
    check = 0
    for i, digit in enumerate(reversed(number)):
        check = multiply[check][permute[(i + 1) % 8][int(digit)]]
    return number + str([0, 4, 3, 2, 1, 5, 6, 7, 8, 9][check])


def aadhaar(rng: random.Random) -> str:
    """Return an Indian Aadhaar number."""
    number = _verhoeff(digits(rng, 11, first="2345678"))
    return rng.choice([number, f"{number[:4]} {number[4:8]} {number[8:]}"])


def nir(rng: random.Random) -> str:
    """Return a French insurance number."""
    body = f"{rng.choice('12')}{rng.randrange(40, 99)}{rng.randrange(1, 13):02}{rng.randrange(10, 95)}{digits(rng, 6)}"
    key = 97 - int(body) % 97
    spaced = f"{body[0]} {body[1:3]} {body[3:5]} {body[5:7]} {body[7:10]} {body[10:]} {key:02}"
    return rng.choice([f"{body}{key:02}", spaced])


def nhs(rng: random.Random) -> str:
    """Return a British health service number."""
    while True:
        body = digits(rng, 9)
        check = 11 - sum(int(d) * (10 - i) for i, d in enumerate(body)) % 11
        if check != 10:
            return f"{body[:3]} {body[3:6]} {body[6:]}{check % 11}"


def password(rng: random.Random) -> str:
    """Return a password as people choose it."""
    word = rng.choice(["sunshine", "Liverpool", "qwerty", "Bella", "dragon", "Sommer"])
    return rng.choice(
        [
            f"{word}{rng.randrange(10, 2030)}",
            f"{word}!{rng.randrange(100)}",
            f"{rng.choice('xkqz')}{digits(rng, 3)}{word[:3]}#Z",
            f"{word.upper()}_{digits(rng, 2)}",
        ]
    )


def phone(rng: random.Random) -> str:
    """Return a telephone number of one of five countries."""
    return rng.choice(
        [
            f"07{digits(rng, 9)}",
            f"+44 7{digits(rng, 3)} {digits(rng, 6)}",
            f"({rng.randrange(201, 990)}) {rng.randrange(200, 999)}-{digits(rng, 4)}",
            f"+49 171 {digits(rng, 7)}",
            f"+33 6 {digits(rng, 2)} {digits(rng, 2)} {digits(rng, 2)} {digits(rng, 2)}",
            f"+91 98{digits(rng, 3)} {digits(rng, 5)}",
        ]
    )


def email(rng: random.Random) -> str:
    """Return an e-mail address."""
    name = rng.choice(["j.okell", "purple_fox77", "info", "m.rasmussen+shop", "anna-lena"])
    return f"{name}@{rng.choice(['mail.example', 'post.example.co.uk', 'brightwater.example'])}"


def ean(rng: random.Random) -> str:
    """Return a barcode with its check digit."""
    body = digits(rng, 12, first="4590")
    total = sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(body))
    return f"{body}{-total % 10}"


VALUES: dict[str, Callable[[random.Random], str]] = {
    **{f.__name__: f for f in (card, card_odd, card_wrong, iban, iban_wrong, birth, aadhaar, nir, nhs)},
    **{f.__name__: f for f in (address_gb, street_gb, postcode, address_us, address_de, address_fr)},
    **{f.__name__: f for f in (address_in, password, phone, email, ean)},
    "cvv": lambda r: digits(r, 3),
    "pin": lambda r: digits(r, r.choice([4, 4, 6])),
    "otp": lambda r: r.choice([digits(r, 6), f"{digits(r, 3)} {digits(r, 3)}", digits(r, 5)]),
    "account": lambda r: digits(r, 8),
    "sort_code": lambda r: r.choice(["-", "-", " ", ""]).join(digits(r, 2) for _ in range(3)),
    "us_account": lambda r: digits(r, r.choice([9, 10, 12])),
    "routing": lambda r: digits(r, 9, first="0123"),
    "blz": lambda r: f"{digits(r, 3)} {digits(r, 3)} {digits(r, 2)}",
    "ifsc": lambda r: f"{letters(r, 4)}0{digits(r, 6)}",
    "passport": lambda r: r.choice([digits(r, 9), f"{letters(r, 1)}{digits(r, 7)}", f"{letters(r, 1)}{digits(r, 2)}{letters(r, 1)}{digits(r, 2)}{letters(r, 1)}{digits(r, 2)}", f"{digits(r, 2)}{letters(r, 2)}{digits(r, 5)}"]),
    "nino": lambda r: (lambda d: r.choice([f"JP{d}C", f"AB {d[:2]} {d[2:4]} {d[4:]} D"]))(digits(r, 6)),
    "ssn": lambda r: (lambda d: r.choice([f"{d[:3]}-{d[3:5]}-{d[5:]}", d, f"{d[:3]} {d[3:5]} {d[5:]}"]))(digits(r, 9, first="123456")),
    "steuer": lambda r: (lambda d: r.choice([d, f"{d[:2]} {d[2:5]} {d[5:8]} {d[8:]}"]))(digits(r, 11)),
    "pan": lambda r: f"{letters(r, 3)}P{letters(r, 1)}{digits(r, 4)}{letters(r, 1)}",
    "licence": lambda r: f"OKELL{r.randrange(10)}{r.choice('01')}{r.randrange(1, 10)}{r.randrange(10, 29)}{r.randrange(10)}J9{digits(r, 1, first='9')[:1]}XX",
    "us_licence": lambda r: r.choice([f"{letters(r, 1)}{digits(r, 7)}", digits(r, 9), f"{letters(r, 1)}{digits(r, 3)}-{digits(r, 4)}-{digits(r, 4)}"]),
    "ip": lambda r: f"{r.choice([81, 92, 176, 203])}.{r.randrange(1, 255)}.{r.randrange(1, 255)}.{r.randrange(1, 255)}",
    "version": lambda r: r.choice([f"{r.randrange(60, 130)}.0.0.0", f"{r.randrange(1, 12)}.{r.randrange(20)}.{r.randrange(9)}.{r.randrange(1, 9)}", f"{r.randrange(2, 15)}.{r.randrange(9)}"]),
    "order": lambda r: digits(r, r.choice([7, 8, 10])),
    "order2": lambda r: f"{digits(r, 12)}",
}  # fmt: skip
"""The slots of `personal.toml` by name, but for those of people."""
