"""Compose one message: a greeting, its subject, a detail or two, a closing; or a web form."""

import random
import re
from collections.abc import Sequence

from nlp.apps.sample.blemishes import blemish
from nlp.apps.sample.filling import fill
from nlp.apps.sample.material import Intent, Language, Material, Mood

CHANNELS = ("email", "chat", "app", "web form")
_CHANNEL_WEIGHTS = (30, 35, 23, 12)
_FORM_SHARE = 0.42
"""Of what comes by web form, the rest is free text: together 5% of all messages."""
# Chances of greeting, lead-in, first detail, background, aside, closer and sign-off.
_HABITS = {
    "email": (0.75, 0.18, 0.60, 0.12, 0.06, 0.35, 0.70),
    "chat": (0.30, 0.06, 0.22, 0.03, 0.03, 0.22, 0.01),
    "app": (0.20, 0.08, 0.38, 0.06, 0.04, 0.28, 0.06),
    "web form": (0.15, 0.06, 0.45, 0.08, 0.05, 0.25, 0.12),
}

_BARE_GREETINGS = ("Hi", "Hello")
# Words written in lower case after a comma; others may be names.
_STARTER = re.compile(
    r"(?:A|After|An|Any|Are|As|At|Been|Both|Can|Could|Did|Do|Does|Every|Fake|Found|Got|Has|Have|How"
    r"|If|Instead|Is|It|Just|Left|Lost|My|Need|No|On|Once|Ordered|Our|Please|Someone|Still|That"
    r"|The|There|They|This|To|Was|We|What|When|Where|Which|Who|Why|Will|With|Would|You|Your)\b"
)


def pick_channel(rng: random.Random) -> str:
    """Return one of `CHANNELS`; chat is the most frequent."""
    return rng.choices(CHANNELS, _CHANNEL_WEIGHTS)[0]


def compose(
    rng: random.Random,
    intent: Intent,
    *,
    channel: str,
    material: Material,
    forms: dict[str, str],
    asides: Sequence[str] = (),
) -> str:
    """Return one message about `intent`, as typed.

    `forms` holds the last web form of each intent and is updated: a form is repeated unchanged or
    with other words in its gaps. `asides` are sentences that the message must contain; a
    `{value}` in them stays, for personal data.
    """
    if channel == "web form" and rng.random() < _FORM_SHARE:
        form = _form(rng, intent, material=material, forms=forms)
        return "\n".join([form, *asides])
    mood = material.moods[rng.choices(("polite", "plain", "annoyed"), (35, 47, 18))[0]]
    written = _free_text(rng, intent, mood=mood, channel=channel, material=material, asides=asides)
    return blemish(rng, written, channel=channel, emoji=material.emoji)


def compose_foreign(rng: random.Random, language: Language, material: Material) -> str:
    """Return one message in a language that is not English."""
    parts = rng.sample(language.frames, 2 if rng.random() < 0.2 else 1)
    if rng.random() < 0.5:
        greeting = rng.choice(language.greetings)
        if greeting.endswith(","):
            parts[0] = parts[0][0].lower() + parts[0][1:]
        parts.insert(0, greeting)
    if rng.random() < 0.5:
        parts.append(rng.choice(language.closers))
    figures = {**material.slots, "n": tuple("345678")}  # the words for numbers are English
    return fill(rng, " ".join(parts), figures)


def _form(rng: random.Random, intent: Intent, *, material: Material, forms: dict[str, str]) -> str:
    if intent.name not in forms or rng.random() > 0.35:
        forms[intent.name] = fill(rng, rng.choice(intent.forms), material.slots)
    return forms[intent.name]


def _free_text(
    rng: random.Random,
    intent: Intent,
    *,
    mood: Mood,
    channel: str,
    material: Material,
    asides: Sequence[str],
) -> str:
    greets, leads_in, has_detail, has_background, strays, closes, signs = (
        rng.random() < chance for chance in _HABITS[channel]
    )
    body = [rng.choice(mood.lead_ins)] * leads_in + [rng.choice(intent.frames)]
    if has_detail:  # sometimes two of them
        body += rng.sample(intent.details, 2 if rng.random() < 0.15 else 1)
    body += [rng.choice(material.backgrounds)] * has_background
    body += [rng.choice(material.asides)] * strays
    body += asides
    body += [rng.choice(mood.closers)] * closes
    text = _joined([fill(rng, part, material.slots) for part in body])
    head = rng.choice(_greetings(mood, channel)) if greets else ""
    foot = fill(rng, rng.choice(mood.sign_offs), material.slots) if signs else ""
    if channel == "email":  # in paragraphs; elsewhere on one line
        return "\n\n".join(part for part in (head, text, foot) if part)
    return " ".join(filter(None, (_joined([head, text] if head else [text]), foot))).replace(
        "\n", " "
    )


def _greetings(mood: Mood, channel: str) -> list[str]:
    """Nobody writes `Dear Sir or Madam` in a chat."""
    return [g for g in mood.greetings if channel == "email" or not g.startswith(("Dear", "To wh"))]


def _joined(parts: Sequence[str]) -> str:
    """Join sentences: all but the last end with a stop, and a comma is followed by lower case."""
    text = parts[0]
    for part in parts[1:]:
        if text[-1] not in ".!?:,":
            text += "," if text in _BARE_GREETINGS else "."
        goes_on = text[-1] == "," and _STARTER.match(part)
        text += f" {part[0].lower() + part[1:] if goes_on else part}"
    return text
