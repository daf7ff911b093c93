"""The customers and agents of the sample: each keeps name, address, country, device and program.

They are made from their number alone, so the same customer writes in the same way under any seed.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from nlp.apps.sample import personal
from nlp.apps.sample.mail.phrases import load_phrases
from nlp.apps.sample.mail.programs import HARD_SPACE, PROGRAMS, Program
from nlp.apps.sample.material import load_material

N_CUSTOMERS = 4_000
"""Of those who write English; who writes in other languages comes after them."""
_N_FOREIGN = 100  # in each of those languages
_COUNTRIES: Mapping[str, int] = {"GB": 58, "IE": 14, "DE": 9, "FR": 7, "ES": 7, "PL": 5}
_PLANS: Mapping[str, int] = {"basic": 60, "plus": 25, "premium": 10, "business": 5}
_DEVICES: Mapping[str, int] = {"android": 42, "ios": 42, "web": 16}
_VERSIONS: Mapping[str, int] = {"8.0": 20, "8.1": 45, "8.2": 35}
_HOME = {"de": "DE", "fr": "FR", "es": "ES", "pl": "PL"}
_SIGNS_SHARE = 0.45
_DISCLAIMER_SHARE = 0.3  # of those with a telephone number or address in it
_COMPANY_SHARE = 0.3  # of those who sign


@dataclass(frozen=True, slots=True)
class Person:
    """A customer, or an agent of the bank."""

    number: str
    """The customer's id; empty for an agent."""
    first: str
    last: str
    address: str
    """E-mail."""
    attributes: Mapping[str, str]
    program: Program
    writes_html: bool
    signature: str = ""
    """Below the closing of each mail; several lines, or empty."""
    disclaimer: str = ""
    personal: tuple[tuple[str, str], ...] = ()
    """Personal data in the signature: (kind, value)."""

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"


def pick_customer(
    rng: random.Random,
    *,
    language: str = "en",
    suits: Callable[[Mapping[str, str]], bool] = lambda _: True,
) -> Person:
    """Return a customer who writes `language` and whose attributes suit."""
    first, n = 0, N_CUSTOMERS
    if language in _HOME:
        first, n = N_CUSTOMERS + _N_FOREIGN * list(_HOME).index(language), _N_FOREIGN
    while True:
        person = customer(first + rng.randrange(n))
        if suits(person.attributes):
            return person


@cache
def customer(number: int) -> Person:
    """Return the customer of this number, from 0."""
    rng = random.Random(f"customer {number}")
    slots = load_material().slots
    first, last = rng.choice(slots["name"]), rng.choice(slots["surname"])
    address = f"{first}.{last}{rng.randrange(10, 99)}@example.{rng.choice(('com', 'org', 'net'))}"
    program = rng.choices(PROGRAMS, [p.share for p in PROGRAMS])[0]
    foreign = (number - N_CUSTOMERS) // _N_FOREIGN
    signature, data = _signature(rng, f"{first} {last}", address.lower(), program)
    has_disclaimer = bool(data) and rng.random() < _DISCLAIMER_SHARE
    return Person(
        number=f"C{number:05d}",
        first=first,
        last=last,
        address=address.lower(),
        attributes=_attributes(rng, list(_HOME.values())[foreign] if foreign >= 0 else ""),
        program=program,
        writes_html=rng.random() < program.html_share,
        signature=signature,
        disclaimer=rng.choice(load_phrases().disclaimers) if has_disclaimer else "",
        personal=data,
    )


@cache
def agents() -> tuple[Person, ...]:
    """Return the people who answer for the bank; all write from the helpdesk."""
    phrases = load_phrases()
    helpdesk = Program("helpdesk", share=0, html_share=0.5, width=0, manner="wrote")
    return tuple(
        Person("", name, "", phrases.bank_address, {}, helpdesk, n % 2 == 0)
        for n, name in enumerate(phrases.agents)
    )


def _attributes(rng: random.Random, country: str) -> dict[str, str]:
    """Country, plan and device; the version of the app where the customer uses the app."""
    drawn = {
        "country": country or _drawn(rng, _COUNTRIES),
        "plan": _drawn(rng, _PLANS),
        "device": _drawn(rng, _DEVICES),
    }
    version = _drawn(rng, _VERSIONS)
    return drawn if drawn["device"] == "web" else {**drawn, "app_version": version}


def _drawn(rng: random.Random, weights: Mapping[str, int]) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]


def _signature(
    rng: random.Random, name: str, address: str, program: Program
) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The lines below a customer's mails, and the personal data in them."""
    phrases = load_phrases()
    if program.devices and rng.random() < 0.5:
        return rng.choice(program.devices), ()
    if rng.random() > _SIGNS_SHARE:
        return "", ()
    company = rng.random() < _COMPANY_SHARE
    lines = rng.choice(phrases.company_signatures if company else phrases.signatures)
    values = {"name": name, "email": address, "phone": personal.make(rng, "PHONE")}
    data = tuple(
        (kind, values[key])
        for key, kind in (("email", "EMAIL"), ("phone", "PHONE"))
        if f"{{{key}}}" in lines
    )
    for key, value in values.items():
        lines = lines.replace(f"{{{key}}}", value.replace(" ", HARD_SPACE))
    return lines, data
