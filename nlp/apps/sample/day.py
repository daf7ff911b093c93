"""The good messages of one day."""

import datetime as dt
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

from nlp.apps.sample import personal
from nlp.apps.sample.blemishes import with_invisible
from nlp.apps.sample.compose import compose, compose_foreign, pick_channel
from nlp.apps.sample.filling import fill
from nlp.apps.sample.material import Intent, Material
from nlp.apps.sample.rows import Row
from nlp.apps.sample.schedule import OTHER_LANGUAGE, poisson, rates

_PERSONAL_SHARE = 0.042  # of the English messages: 4% of all
_INVISIBLE_SHARE = 0.003
_N_CUSTOMERS = 4_000
_OFFSETS = (0, 0, 0, 0, 0, 0, 1, 1, 2, -5)
_BY_HOUR = (2, 1, 1, 1, 1, 2, 5, 9, 13, 15, 15, 14, 13, 13, 13, 12, 12, 13, 12, 10, 8, 6, 5, 3)
"""Relative number of messages in each hour of the day, UTC."""


@dataclass(frozen=True, slots=True)
class Writer:
    """The state needed to write the messages of one day."""

    rng: random.Random
    day: dt.date
    material: Material
    intents: Mapping[str, Intent]
    forms: dict[str, str]
    """The last web form of each intent; updated while the day is written."""

    def write(self, intent: str) -> Row:
        """Return one good message about `intent`, still without an id."""
        moment = self._moment()
        rng = self.rng
        channel = pick_channel(rng)
        planted: tuple[tuple[str, str], ...] = ()
        if intent == OTHER_LANGUAGE:
            language = rng.choice(self.material.languages)
            text = compose_foreign(rng, language, self.material)
            code = language.code if rng.random() < 0.3 else ""
        else:
            text, planted = self._english(self.intents[intent], channel)
            code = "en" if rng.random() < 0.06 else ""
        return Row(
            external_id="",
            created_at=_with_offset(rng, moment),
            text=text,
            channel=channel,
            customer_id=f"C{rng.randrange(_N_CUSTOMERS):05d}" if rng.random() < 0.92 else "",
            language=code,
            intent=intent,
            moment=moment,
            planted=planted,
        )

    def write_as_it_is(self, intent: str, text: str) -> Row:
        """Return a message of today with exactly this text."""
        return replace(self.write(intent), text=text, planted=(), language="")

    def _english(self, intent: Intent, channel: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        rng, material = self.rng, self.material
        kinds = personal.pick_kinds(rng) if rng.random() < _PERSONAL_SHARE else []
        planted = tuple((kind, personal.make(rng, kind)) for kind in kinds)
        text = compose(
            rng,
            intent,
            channel=channel,
            material=material,
            forms=self.forms,
            asides=[fill(rng, rng.choice(material.personal[kind]), {}) for kind in kinds],
        )
        for _, value in planted:
            text = text.replace("{value}", value, 1)
        if text.strip() in intent.examples:  # a labelled example must not be in the inbox too
            return self._english(intent, channel)
        if not planted and rng.random() < _INVISIBLE_SHARE:
            text = with_invisible(rng, text)
        return text, planted

    def _moment(self) -> dt.datetime:
        hour = self.rng.choices(range(24), _BY_HOUR)[0]
        seconds = self.rng.randrange(3600)
        return dt.datetime.combine(self.day, dt.time(hour), dt.UTC) + dt.timedelta(seconds=seconds)


def day_messages(writer: Writer, *, number: int, per_day: int) -> list[Row]:
    """Return the good messages of day `number` (from 0), by time, with their ids.

    Every second day has one message of an unusual form.
    """
    expected = rates(writer.material.intents, number=number, day=writer.day, per_day=per_day)
    rows = [
        writer.write(intent)
        for intent, rate in expected.items()
        for _ in range(poisson(writer.rng, rate))
    ]
    if number % 2 == 0:
        oddities = writer.material.oddities
        oddity = oddities[number // 2 % len(oddities)]
        rows.append(writer.write_as_it_is(oddity.intent, oddity.text))
    rows.sort(key=lambda r: r.moment)
    return [replace(r, external_id=external_id(writer.day, n)) for n, r in enumerate(rows)]


def external_id(day: dt.date, n: int) -> str:
    """Return the id of the n-th message created on `day`."""
    return f"T{day:%y%m%d}-{n:04d}"


def _with_offset(rng: random.Random, moment: dt.datetime) -> str:
    """The same instant in a form that helpdesks use: in UTC, with a `Z`, or in another zone."""
    hours = rng.choice(_OFFSETS)
    if hours == 0 and rng.random() < 0.3:
        return f"{moment:%Y-%m-%dT%H:%M:%S}Z"
    return moment.astimezone(dt.timezone(dt.timedelta(hours=hours))).isoformat()
