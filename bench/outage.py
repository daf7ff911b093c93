"""Complaints about a fictional outage of one firm's cards, written by a small grammar.

They resemble the complaints of the CFPB: first-person narratives with masks such as `XXXX`.
"""

import re

import numpy as np

N_COMPLAINTS = 40
N_DAYS = 14
_SYMBOL = re.compile(r"<(\w+)>")
_GRAMMAR: dict[str, tuple[str, ...]] = {
    "complaint": (
        "<opening> <failure> <attempt> <harm> <demand>",
        "<failure> <opening> <harm> <attempt>",
        "<opening> <failure> <failure> <harm> <demand>",
        "<harm> <opening> <failure> <demand>",
        "<opening> <failure> <attempt> <attempt>",
        "<failure> <harm> <opening> <attempt> <demand>",
    ),
    "opening": (
        "I have had a prepaid card from <firm> for <time>.",
        "My <pay> is paid onto a <firm> card.",
        "On XX/XX/2023 I was at the <shop> with my <firm> card.",
        "This is about the card that I got from <firm>.",
        "I opened an account with <firm> in XXXX because they advertised no fees.",
        "<firm> is the company and the product is their reloadable card.",
        "My husband and I both use <firm> cards for our household.",
        "I am XXXX years old and depend on my <firm> card for everything.",
    ),
    "firm": ("Larkfield", "Larkfield Prepaid", "Larkfield Prepaid", "LARKFIELD"),
    "time": ("two years", "XXXX months", "about a year", "as long as I can remember"),
    "pay": ("salary", "disability benefit", "child support", "tax refund", "unemployment money"),
    "shop": ("gas station", "grocery store", "pharmacy", "XXXX store", "car repair shop"),
    "failure": (
        "The card was declined <often> although there was {$<amount>.00} on it.",
        "Since <since> no <place> accepts the card and nobody can say why.",
        "Their whole system has been down since <since> and every purchase is refused.",
        "The app says that my balance is unavailable and the card does not go through anywhere.",
        "I tried to take out {$<amount>.00} and the ATM said that the issuer does not respond.",
        "Every time that I swipe or insert the card I get the message transaction not permitted.",
        "All cards of this company stopped working <overnight>, mine among them.",
        "I can not log in, can not see my money and can not pay with the card.",
    ),
    "often": ("three times", "at every store", "again and again", "XXXX times in one day"),
    "since": ("Friday", "XX/XX/2023", "the weekend", "last Tuesday", "they upgraded their system"),
    "place": ("store", "machine", "website", "restaurant or gas station"),
    "overnight": ("overnight", "at the same hour", "without any notice", "on XX/XX/2023"),
    "amount": ("60", "85", "240", "310", "475", "730", "1100", "1600", "2300"),
    "attempt": (
        "I called the number on the back and <phone>.",
        "Customer service told me that they are <excuse> and that I should wait.",
        "I sent XXXX emails and got the same automated answer each time.",
        "The representative, XXXX, admitted that there is an outage but gave no date.",
        "Their chat closes as soon as I type that the card does not work.",
        "A supervisor promised to call me back within 24 hours and never did.",
        "They offered to mail a new card in ten business days, which does not help at all.",
    ),
    "phone": (
        "was on hold for over two hours",
        "the line was dead",
        "a recording said that all agents are busy",
        "got hung up on twice",
    ),
    "excuse": ("aware of the issue", "working on their servers", "moving to a new processor"),
    "harm": (
        "I could not buy <need> for my family.",
        "My <bill> was returned and I was charged a late fee of {$<fee>.00}.",
        "I had to leave my groceries at the register in front of everybody.",
        "I have no other way to get to my own money.",
        "I was stranded with an empty tank and had to ask strangers for help.",
        "My landlord does not care that a card company is down, and the rent is due.",
        "I had to borrow {$<fee>.00} from my neighbor to get through the week.",
    ),
    "need": ("food", "medicine", "diapers", "gas to get to work", "school supplies"),
    "bill": ("electric bill", "car insurance", "phone bill", "rent payment"),
    "fee": ("25", "35", "40", "55"),
    "demand": (
        "I want access to my money today.",
        "Please make this company answer for it.",
        "They must refund the fees and tell us what happened.",
        "It is my money and they are holding it hostage.",
        "I want my balance sent to me by check and the account closed.",
        "How is a company allowed to lock people out like that?",
    ),
}


def write(rng: np.random.Generator, n: int = N_COMPLAINTS) -> list[str]:
    """Return `n` distinct complaints about the outage."""
    texts: dict[str, None] = {}
    while len(texts) < n:
        texts[_expand("complaint", rng)] = None
    return list(texts)


def _expand(symbol: str, rng: np.random.Generator) -> str:
    rules = _GRAMMAR[symbol]
    rule = rules[int(rng.integers(len(rules)))]
    return _SYMBOL.sub(lambda match: _expand(match[1], rng), rule)
