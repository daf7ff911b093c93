"""What customers write on one day, before it is put into conversations and laid out."""

import datetime as dt
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from nlp.apps.sample import personal
from nlp.apps.sample.blemishes import with_invisible
from nlp.apps.sample.compose import compose, compose_foreign, compose_form, is_form, pick_channel
from nlp.apps.sample.filling import fill
from nlp.apps.sample.letters import Letter, Part, Words
from nlp.apps.sample.mail.machine import machine_mail
from nlp.apps.sample.mail.people import pick_customer
from nlp.apps.sample.mail.programs import HARD_SPACE
from nlp.apps.sample.material import Intent, Material
from nlp.apps.sample.schedule import (
    OTHER_LANGUAGE,
    Event,
    n_machine_mails,
    poisson,
    segment_rates,
)

_PERSONAL_SHARE = 0.042  # of the English messages: 4% of all
_INVISIBLE_SHARE = 0.003
_SECOND_SHARE = 0.275
"""Of the English messages that are no forms: a quarter of all raise two intents."""
_KNOWN_SHARE = 0.92
_BY_HOUR = (2, 1, 1, 1, 1, 2, 5, 9, 13, 15, 15, 14, 13, 13, 13, 12, 12, 13, 12, 10, 8, 6, 5, 3)
"""Relative number of messages in each hour of the day, UTC."""
_Planted = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Writer:
    """The state needed to write the messages of one day."""

    rng: random.Random
    day: dt.date
    material: Material
    intents: Mapping[str, Intent]
    expected: Mapping[str, float]
    """Messages by intent on this day."""
    forms: dict[str, str]
    """The last web form of each intent; updated while the day is written."""

    def write(self, intent: str, *, event: Event | None = None) -> Letter:
        """Return one good message about `intent`, from the segment of `event` if there is one."""
        moment = self._moment()
        rng = self.rng
        channel = pick_channel(rng)
        planted: _Planted = ()
        if intent == OTHER_LANGUAGE:
            language = rng.choice(self.material.languages)
            words = compose_foreign(rng, language, intent=intent, material=self.material)
            code = language.code if rng.random() < 0.3 else ""
            customer = pick_customer(rng, language=language.code, suits=_suits(channel, event))
        else:
            words, planted = self._english(self.intents[intent], channel)
            code = "en" if rng.random() < 0.06 else ""
            customer = pick_customer(rng, suits=_suits(channel, event))
        return Letter(
            intent=intent,
            moment=moment,
            channel=channel,
            words=words,
            customer=customer,
            is_known=event is not None or rng.random() < _KNOWN_SHARE,
            language=code,
            planted=planted,
            segment=event.segment if event else "",
        )

    def write_as_it_is(self, intent: str, text: str) -> Letter:
        """Return a message of today with exactly this text."""
        words = Words((Part(text, intent),), is_bare=True)
        return replace(self.write(intent), words=words, channel="chat", planted=(), language="")

    def machine_mail(self) -> Letter:
        """Return a mail of today that no person wrote."""
        return machine_mail(self.rng, moment=self._moment(), slots=self.material.slots)

    def _english(self, intent: Intent, channel: str) -> tuple[Words, _Planted]:
        rng, material = self.rng, self.material
        kinds = personal.pick_kinds(rng) if rng.random() < _PERSONAL_SHARE else []
        planted = tuple((kind, personal.make(rng, kind)) for kind in kinds)
        asides = [fill(rng, rng.choice(material.personal[kind]), {}) for kind in kinds]
        if is_form(rng, channel):
            words = compose_form(rng, intent, material=material, forms=self.forms, asides=asides)
        else:
            intents = [intent, *self._second(intent)]
            words = compose(rng, intents, channel=channel, material=material, asides=asides)
        parts = _with_values(words.parts, [value for _, value in planted])
        if any(p.text.strip() in intent.examples for p in parts):
            return self._english(intent, channel)  # a labelled example must not be in the inbox too
        if not planted and rng.random() < _INVISIBLE_SHARE:
            n = rng.randrange(len(parts))
            parts[n] = Part(with_invisible(rng, parts[n].text), parts[n].intent)
        return replace(words, parts=tuple(parts)), planted

    def _second(self, first: Intent) -> list[Intent]:
        """Another intent that runs today, in a quarter of the cases."""
        if self.rng.random() > _SECOND_SHARE:
            return []
        others = {n: r for n, r in self.expected.items() if n not in (first.name, OTHER_LANGUAGE)}
        name = self.rng.choices(list(others), list(others.values()))[0]
        return [self.intents[name]]

    def _moment(self) -> dt.datetime:
        hour = self.rng.choices(range(24), _BY_HOUR)[0]
        seconds = self.rng.randrange(3600)
        return dt.datetime.combine(self.day, dt.time(hour), dt.UTC) + dt.timedelta(seconds=seconds)


def _suits(channel: str, event: Event | None) -> Callable[[Mapping[str, str]], bool]:
    """Only those who have the app write in it; only the segment writes because of its event."""
    return lambda attributes: (
        (channel != "app" or "app_version" in attributes)
        and (event is None or event.suits(attributes))
    )


def _with_values(parts: tuple[Part, ...], values: list[str]) -> list[Part]:
    """Put each value into the next `{value}`; no line is broken within it."""
    left = iter(values)
    filled = []
    for part in parts:
        text = part.text
        while "{value}" in text:
            text = text.replace("{value}", next(left).replace(" ", HARD_SPACE), 1)
        filled.append(Part(text, part.intent))
    return filled


def day_messages(writer: Writer, *, number: int, per_day: int) -> list[Letter]:
    """Return what customers and machines write on day `number` (from 0), by time.

    Every second day has one message of an unusual form.
    """
    letters = [
        writer.write(intent)
        for intent, rate in writer.expected.items()
        for _ in range(poisson(writer.rng, rate))
    ]
    for event, rate in segment_rates(writer.expected, number=number):
        letters += [
            writer.write(event.intent, event=event) for _ in range(poisson(writer.rng, rate))
        ]
    n_machine = n_machine_mails(writer.rng, day=writer.day, per_day=per_day)
    letters += [writer.machine_mail() for _ in range(n_machine)]
    if number % 2 == 0:
        oddities = writer.material.oddities
        oddity = oddities[number // 2 % len(oddities)]
        letters.append(writer.write_as_it_is(oddity.intent, oddity.text))
    return sorted(letters, key=lambda letter: letter.moment)
