"""Compose the words of one message: a greeting, its requests, details, a closing; or a form."""

import random
import re
from collections.abc import Mapping, Sequence

from nlp.apps.sample.blemishes import blemish
from nlp.apps.sample.filling import fill
from nlp.apps.sample.letters import Part, Words
from nlp.apps.sample.mail.phrases import load_phrases
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

_REMARK_SHARE: Mapping[str, float] = {"email": 0.3, "chat": 0.06, "app": 0.1, "web form": 0.15}
_SIGNED = {"name": ("{name}",), "surname": ("{surname}",)}  # filled once it is known who signs
_BARE_GREETINGS = ("Hi", "Hello")
# Words written in lower case after a comma; others may be names.
_STARTER = re.compile(
    r"(?:A|After|An|Any|Are|As|At|Been|Both|Can|Could|Did|Do|Does|Every|Fake|Finding|Got|Has|Have|How"
    r"|If|Instead|Is|It|Just|Left|Lost|My|Need|No|On|Once|Ordered|Our|Please|Someone|Still|That"
    r"|The|There|They|This|To|Was|We|What|When|Where|Which|Who|Why|Will|With|Would|You|Your)\b"
)


def pick_channel(rng: random.Random) -> str:
    """Return one of `CHANNELS`; chat is the most frequent."""
    return rng.choices(CHANNELS, _CHANNEL_WEIGHTS)[0]


def is_form(rng: random.Random, channel: str) -> bool:
    """Draw whether a message is a filled-in web form, which takes one request only."""
    return channel == "web form" and rng.random() < _FORM_SHARE


def compose(
    rng: random.Random,
    intents: Sequence[Intent],
    *,
    channel: str,
    material: Material,
    asides: Sequence[str] = (),
) -> Words:
    """Return the words of one message that raises `intents`, as typed.

    `asides` are sentences that the message must contain; a `{value}` in them stays, for personal
    data.
    """
    mood = material.moods[rng.choices(("polite", "plain", "annoyed"), (35, 47, 18))[0]]
    words = _free_text(rng, intents, mood=mood, channel=channel, material=material, asides=asides)
    texts = [words.greeting, *(p.text for p in words.parts), words.sign_off]
    written = [n for n, text in enumerate(texts) if text]
    typed = blemish(rng, [texts[n] for n in written], channel=channel, emoji=material.emoji)
    for n, text in zip(written, typed, strict=True):
        texts[n] = text
    parts = [Part(text, p.intent) for p, text in zip(words.parts, texts[1:-1], strict=True)]
    return Words(tuple(parts), texts[0], texts[-1])


def compose_foreign(
    rng: random.Random, language: Language, *, intent: str, material: Material
) -> Words:
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
    return Words((Part(fill(rng, " ".join(parts), figures), intent),))


def compose_form(
    rng: random.Random,
    intent: Intent,
    *,
    material: Material,
    forms: dict[str, str],
    asides: Sequence[str] = (),
) -> Words:
    """Return a filled-in web form.

    `forms` holds the last form of each intent and is updated: a form is repeated unchanged or with
    other words in its gaps.
    """
    if intent.name not in forms or rng.random() > 0.35:
        forms[intent.name] = fill(rng, rng.choice(intent.forms), material.slots)
    parts = [Part(forms[intent.name], intent.name), *map(Part, asides)]
    return Words(tuple(parts), is_bare=True)


def _free_text(
    rng: random.Random,
    intents: Sequence[Intent],
    *,
    mood: Mood,
    channel: str,
    material: Material,
    asides: Sequence[str],
) -> Words:
    greets, leads_in, has_detail, has_background, strays, closes, signs = (
        rng.random() < chance for chance in _HABITS[channel]
    )
    phrases = load_phrases()
    before = [rng.choice(mood.lead_ins)] * leads_in
    if channel != "email" and greets:  # on one line with the rest
        before.insert(0, rng.choice(_greetings(mood, channel)))
    after = [rng.choice(phrases.remarks)] * (rng.random() < _REMARK_SHARE[channel])
    later = [rng.choice(material.backgrounds)] * has_background
    later += [rng.choice(material.asides)] * strays
    later += [*asides, *[rng.choice(mood.closers)] * closes]
    parts = [*_plain(rng, before, material), _request(rng, intents[0], has_detail, material)]
    parts += _plain(rng, after, material)
    for intent in intents[1:]:
        parts.append(Part(rng.choice(phrases.joints)))
        parts.append(_request(rng, intent, rng.random() < 0.2, material))
    parts += _plain(rng, later, material)
    slots = {**material.slots, **_SIGNED}
    return Words(
        _joined(parts),
        greeting=rng.choice(_greetings(mood, channel)) if greets and channel == "email" else "",
        sign_off=fill(rng, rng.choice(mood.sign_offs), slots) if signs else "",
    )


def _plain(rng: random.Random, sentences: Sequence[str], material: Material) -> list[Part]:
    return [Part(fill(rng, sentence, material.slots)) for sentence in sentences]


def _request(rng: random.Random, intent: Intent, has_detail: bool, material: Material) -> Part:
    """What raises an intent: a frame, and sometimes a detail or two."""
    sentences = [rng.choice(intent.frames)]
    if has_detail:
        sentences += rng.sample(intent.details, 2 if rng.random() < 0.15 else 1)
    parts = _joined(_plain(rng, sentences, material))
    return Part(" ".join(part.text for part in parts), intent.name)


def _greetings(mood: Mood, channel: str) -> list[str]:
    """Nobody writes `Dear Sir or Madam` in a chat."""
    return [g for g in mood.greetings if channel == "email" or not g.startswith(("Dear", "To wh"))]


def _joined(parts: Sequence[Part]) -> tuple[Part, ...]:
    """End all parts but the last with a stop, and begin with lower case after a comma."""
    joined = [parts[0]]
    for part in parts[1:]:
        before, text = joined[-1].text, part.text
        if before[-1] not in ".!?:,":
            before += "," if before in _BARE_GREETINGS else "."
            joined[-1] = Part(before, joined[-1].intent)
        goes_on = before[-1] == "," and _STARTER.match(text)
        joined.append(Part(text[0].lower() + text[1:], part.intent) if goes_on else part)
    return tuple(joined)
