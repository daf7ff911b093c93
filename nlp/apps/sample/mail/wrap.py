"""Give the words of a customer, or of an agent, the shape in which they are sent."""

import random
import re
from collections.abc import Iterable, Sequence

from nlp.apps.sample.letters import Letter, Part
from nlp.apps.sample.mail.markup import document
from nlp.apps.sample.mail.people import Person
from nlp.apps.sample.mail.phrases import load_phrases
from nlp.apps.sample.mail.programs import HARD_SPACE, Turn, plain, shortened
from nlp.apps.sample.schedule import MACHINE_MAIL

_FIELDS_SHARE = 0.75
"""Of the free texts from web forms, how many come with the fields of the form around them."""
_N_QUOTED = 2  # earlier mails below an answer, at most
_OWN_PARAGRAPH = 0.7
_FULL_SIGNATURE = 0.8


def mail_of(
    rng: random.Random, letter: Letter, *, subject: str, earlier: Turn | None, agent: Person | None
) -> Turn:
    """Return a customer's message as a mail; `agent` is whom it answers."""
    bank, customer = load_phrases(), letter.customer
    greeting = letter.words.greeting
    if agent is not None and rng.random() < 0.7:
        greeting = rng.choice(bank.agent_greetings).replace("{agent}", agent.first)
    foot = letter.words.sign_off.replace("{name}", customer.first)
    blocks = (greeting, *_paragraphs(rng, letter.words.parts), _surname(foot, customer))
    if letter.intent == MACHINE_MAIL:
        blocks = tuple(letter.words.parts[0].text.split("\n\n"))
    signs = letter.intent != MACHINE_MAIL and rng.random() < _FULL_SIGNATURE
    return Turn(
        sender=customer.name,
        sender_address=customer.address,
        to=bank.bank,
        to_address=bank.bank_address,
        moment=letter.moment,
        subject=subject,
        blocks=tuple(block for block in blocks if block),
        signature=customer.signature if signs else "",
        disclaimer=customer.disclaimer if signs else "",
        program=customer.program,
        earlier=earlier,
    )


def _surname(text: str, person: Person) -> str:
    return text.replace("{surname}", person.last)


def laid_out(turn: Turn, *, as_html: bool) -> str:
    """Return the text of a mail."""
    short = shortened(turn, n_quoted=_N_QUOTED) or turn
    return (document(short) if as_html else plain(short)).replace(HARD_SPACE, " ")


def one_line(letter: Letter) -> str:
    """Return a message of a chat or an app: only what was typed, on one line."""
    words, customer = letter.words, letter.customer
    if words.is_bare:
        return "\n".join(part.text for part in words.parts).replace(HARD_SPACE, " ")
    foot = _surname(words.sign_off.replace("{name}", customer.first), customer)
    text = " ".join(part.text for part in (*words.parts, Part(foot)) if part.text)
    return text.replace("\n", " ").replace(HARD_SPACE, " ")


def form(rng: random.Random, letter: Letter) -> str:
    """Return a message of the web form: mostly with the form's fields around it."""
    text = one_line(letter)
    if letter.words.is_bare or rng.random() > _FIELDS_SHARE:
        return text
    customer = letter.customer
    values = {
        "name": customer.name,
        "first": customer.first,
        "email": customer.address,
        "plan": customer.attributes["plan"],
        "words": text,
    }
    return re.sub(r"\{(\w+)\}", lambda m: values[m[1]], rng.choice(load_phrases().forms))


def planted_around(
    text: str, people: Iterable[Person], values: Iterable[tuple[str, str]]
) -> list[tuple[str, str, str]]:
    """Return the names and values that stand in a text, as they are written there."""
    planted = dict.fromkeys((kind, value, "around") for kind, value in values if value in text)
    small = text.lower()
    for person in people:
        for name in (person.name.strip(), person.first):
            if name.lower() not in small:
                continue
            written = re.search(rf"\b{re.escape(name)}\b", text, re.IGNORECASE)
            if written:
                planted["PERSON", written[0], "around"] = None
                break
    return list(planted)


def _paragraphs(rng: random.Random, parts: Sequence[Part]) -> list[str]:
    """Join the parts of a mail; a second request mostly begins a paragraph."""
    paragraphs: list[list[str]] = [[]]
    for n, part in enumerate(parts):
        following = parts[n + 1].intent if n + 1 < len(parts) else None
        is_joint = following is not None and any(p.intent for p in parts[:n])
        if is_joint and rng.random() < _OWN_PARAGRAPH:
            paragraphs.append([])
        paragraphs[-1].append(part.text)
    return [" ".join(texts) for texts in paragraphs if texts]
