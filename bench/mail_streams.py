"""A stream of support mail with planted events, built from any labelled set with a seed.

Twenty-eight days of about 150 messages, half of that at weekends. A message raises one to three
intents, between greetings, side remarks, signatures, disclaimers and quoted history
(`mail_writer`). Some messages belong nowhere: noise, and machine mail. Six intents start on a later
day; six running ones rise five-fold for three days, every second of them in only one segment of
the customers.

The order of the random draws is part of the protocol.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bench.mail_phrases import Phrases
from bench.mail_schedule import SEGMENTS, Schedule, plan
from bench.mail_writer import MailWriter
from bench.streams import N_DAYS, NOISE, START, Event

MACHINE = "~machine"
"""The intent of machine mail, as `~noise` is that of noise."""
_MIN_TEXTS = 60
_N_INTENTS = 40
"""The maximum number of intents; each has at least `_MIN_TEXTS` distinct texts."""
_N_QUOTABLE = 20
"""Texts of each intent that are reserved for quoted history and never raised."""
_N_REQUESTS = [0.65, 0.27, 0.08]
"""Shares of messages that raise one, two and three intents."""
_NOISE_PER_MESSAGE, _MACHINE_PER_MESSAGE = 0.06, 0.04
_CHANNELS = {"email": 0.45, "chat": 0.3, "web form": 0.15, "app": 0.1}
_N_CUSTOMERS = 4_000


@dataclass(frozen=True, slots=True)
class Request:
    """One intent that a message raises, in the customer's words."""

    intent: str
    text: str


@dataclass(frozen=True, slots=True)
class MailMessage:
    """A message, and the truth about it."""

    message_id: str
    created_at: dt.datetime
    text: str
    channel: str
    customer_id: str
    attributes: Mapping[str, str]
    requests: tuple[Request, ...]
    """At least one; for noise or machine mail it has the intent `~noise` or `~machine`."""
    quoted_intent: str | None
    """An intent that is only in the quoted history and must not count; None: none."""

    @property
    def intents(self) -> tuple[str, ...]:
        """The intents that the message raises; `~noise` or `~machine` if it belongs nowhere."""
        return tuple(r.intent for r in self.requests)

    @property
    def belongs(self) -> bool:
        """Whether the message raises intents of the set."""
        return self.requests[0].intent not in (NOISE, MACHINE)


@dataclass(frozen=True, slots=True)
class MailStream:
    """Messages in order of days, unordered within a day, and the planted events."""

    messages: list[MailMessage]
    events: list[Event]


@dataclass(frozen=True, slots=True)
class _Draft:
    """The content of a message before it is written; `segment` as in Event."""

    requests: tuple[Request, ...]
    segment: str = ""


def build_mail(
    texts: Sequence[str],
    intents: Sequence[str],
    *,
    phrases: Phrases,
    seed: int,
    noise: Sequence[str] = (),
) -> MailStream:
    """Build the stream of a seed; the texts of `noise` belong to no intent of the set."""
    rng = np.random.default_rng(seed)
    pool, quotable = _pool(texts, intents, rng)
    schedule = plan(list(pool), rng)
    loose = list(noise)
    rng.shuffle(loose)
    writer = MailWriter(phrases, quotable, rng)
    messages: list[MailMessage] = []
    for day in range(N_DAYS):
        drafts = _drafts(_due(schedule, day, rng), pool, rng)
        n_noise, n_machine = (
            int(len(drafts) * share) for share in (_NOISE_PER_MESSAGE, _MACHINE_PER_MESSAGE)
        )
        drafts += [_Draft((Request(NOISE, loose.pop()),)) for _ in range(n_noise) if loose]
        drafts += [_Draft((Request(MACHINE, writer.machine_mail()),)) for _ in range(n_machine)]
        for n in rng.permutation(len(drafts)):
            messages.append(_message(drafts[n], len(messages), day, writer=writer, rng=rng))
    return MailStream(messages, schedule.events)


def _pool(
    texts: Sequence[str], intents: Sequence[str], rng: np.random.Generator
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return the texts to raise and the texts to quote, by intent, of the intents used.

    Rows without a text, and those of the intent `oos`, are left out.
    """
    of_intent: dict[str, list[str]] = {}
    for text, intent in zip(texts, intents, strict=True):
        if intent != "oos" and text.strip():
            of_intent.setdefault(intent, []).append(text.strip())
    for intent, own in of_intent.items():
        of_intent[intent] = list(dict.fromkeys(own))
        rng.shuffle(of_intent[intent])
    ample = sorted(i for i, own in of_intent.items() if len(own) >= _MIN_TEXTS)
    chosen = sorted(rng.permutation(ample)[:_N_INTENTS].tolist())
    return (
        {i: of_intent[i][_N_QUOTABLE:] for i in chosen},
        {i: of_intent[i][:_N_QUOTABLE] for i in chosen},
    )


def _due(schedule: Schedule, day: int, rng: np.random.Generator) -> list[tuple[str, str]]:
    """Return the intents of a day (0..27) in random order, each with its segment."""
    due = [
        (intent, "")
        for intent, rate in schedule.rates.items()
        for _ in range(rng.poisson(rate[day]))
    ]
    for event in schedule.surges_on(day):
        n = int(rng.poisson(4 * schedule.rates[event.intent][day]))
        due += [(event.intent, event.segment)] * n
    return [due[n] for n in rng.permutation(len(due))]


def _drafts(
    due: Sequence[tuple[str, str]], pool: Mapping[str, list[str]], rng: np.random.Generator
) -> list[_Draft]:
    """Group the due intents into messages; pop their texts from `pool`, and skip empty intents.

    An intent of one segment gets a separate message, so that its segment is unambiguous.
    """
    drafts, n = [], 0
    while n < len(due):
        n_wanted = int(rng.choice([1, 2, 3], p=_N_REQUESTS))
        intent, segment = due[n]
        group = [intent]
        n += 1
        while len(group) < n_wanted and n < len(due) and not segment:
            intent, other_segment = due[n]
            if other_segment or intent in group:
                break
            group.append(intent)
            n += 1
        requests = tuple(Request(i, pool[i].pop()) for i in group if pool[i])
        if requests:
            drafts.append(_Draft(requests, segment))
    return drafts


def _message(
    draft: _Draft, number: int, day: int, *, writer: MailWriter, rng: np.random.Generator
) -> MailMessage:
    midnight = dt.datetime.combine(START + dt.timedelta(day), dt.time(), dt.UTC)
    at = midnight + dt.timedelta(seconds=int(rng.integers(86_400)))
    intents, words = [r.intent for r in draft.requests], [r.text for r in draft.requests]
    channel, text, quoted = "email", words[0], None
    if intents[0] != MACHINE:
        channel = str(rng.choice(list(_CHANNELS), p=list(_CHANNELS.values())))
        written = writer.write(words, channel=channel)
        text, quoted = written.text, written.quoted_intent
    attributes = {
        name: str(rng.choice(list(shares), p=list(shares.values())))
        for name, shares in SEGMENTS.items()
    }
    if draft.segment:
        name, value = draft.segment.split("=")
        attributes[name] = value
    return MailMessage(
        message_id=f"m{number:05d}",
        created_at=at,
        text=text,
        channel=channel,
        customer_id=f"c{rng.integers(_N_CUSTOMERS)}",
        attributes=attributes,
        requests=draft.requests,
        quoted_intent=None if quoted in intents else quoted,
    )
