"""Conversations: agents answer, customers write again, and mails quote what came before."""

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from nlp.apps.sample.filling import fill
from nlp.apps.sample.letters import Letter, Part, Words
from nlp.apps.sample.mail.answers import answer, answered_at
from nlp.apps.sample.mail.people import Person, agents
from nlp.apps.sample.mail.phrases import load_phrases
from nlp.apps.sample.mail.programs import Turn
from nlp.apps.sample.mail.wrap import form, laid_out, mail_of, one_line, planted_around
from nlp.apps.sample.material import load_material
from nlp.apps.sample.rows import Row, with_offset
from nlp.apps.sample.schedule import AGENT_TURN, MACHINE_MAIL, OTHER_LANGUAGE, THANKS_ONLY
from nlp.text.clean import clean

_ANSWERED = {"email": 0.4, "chat": 0.3, "app": 0.06, "web form": 0.3}
"""The share of customers' messages that an agent answers, by channel."""
_THANKS, _GOES_ON = 0.12, 0.4
"""How often an answer is followed by thanks; how often by a later message about its intent."""
_OPEN_FOR = {"email": dt.timedelta(days=3), "chat": dt.timedelta(hours=12)}
_SUBJECTS = (0.5, 0.85)
"""Up to the first the subject says the matter, up to the second it is vague; else it is empty."""


@dataclass(slots=True)
class Talk:
    """One conversation so far."""

    key: int
    customer: Person
    is_known: bool
    channel: str
    """In which an agent answers: a web form is answered by mail."""
    agent: Person
    subject: str = ""
    last: Turn | None = None
    answered: dt.datetime | None = None
    data: list[tuple[str, str]] = field(default_factory=list)
    """Personal data said so far: (kind, value)."""


@dataclass(slots=True)
class Desk:
    """The helpdesk: it receives the letters of all days in the order of time."""

    rng: random.Random
    talks: dict[tuple[str, str], list[Talk]] = field(default_factory=dict)
    """Those that wait for the customer, by intent and channel."""
    n_talks: int = 0

    def receive(self, letter: Letter) -> list[Row]:
        """Return the rows that come of a letter: its own, and what is answered to it.

        The conversation of a row is a number, to be replaced by an id.
        """
        talk = self._continued(letter)
        if talk is not None:
            letter = _following(self.rng, letter, talk)
        else:
            talk = self.begun(letter)
        rows = [self.written(letter, talk)]
        if letter.intent in (MACHINE_MAIL, OTHER_LANGUAGE):
            return rows
        if self.rng.random() < _ANSWERED[letter.channel]:
            rows.append(self._answered(letter, talk))
            luck = self.rng.random()
            if luck < _THANKS:
                rows.append(self._thanks(letter, talk))
            elif luck < _THANKS + _GOES_ON:
                self.talks.setdefault((letter.intent, talk.channel), []).append(talk)
        return rows

    def begun(self, letter: Letter) -> Talk:
        """Begin the conversation of a first letter."""
        self.n_talks += 1
        return Talk(
            key=self.n_talks,
            customer=letter.customer,
            is_known=letter.is_known,
            channel="email" if letter.channel == "web form" else letter.channel,
            agent=self.rng.choice(agents()),
            subject=letter.subject or _subject(self.rng, letter),
        )

    def written(self, letter: Letter, talk: Talk) -> Row:
        """Return the row of a customer's message, and add it to its conversation."""
        agent = talk.agent if talk.answered else None
        subject = _reply(talk.subject, letter) if agent else talk.subject
        if letter.channel in ("email", "web form"):
            turn = mail_of(self.rng, letter, subject=subject, earlier=talk.last, agent=agent)
        if letter.channel == "email":
            text = laid_out(turn, as_html=letter.customer.writes_html)
        else:
            text = form(self.rng, letter) if letter.channel == "web form" else one_line(letter)
        if letter.channel in ("email", "web form"):
            talk.last = turn
        data = [*talk.data, ("EMAIL", letter.customer.address), *letter.customer.personal]
        talk.data += letter.planted
        people = [letter.customer, *([talk.agent] if agent else [])]
        around = planted_around(text, people, [d for d in data if d not in letter.planted])
        return _row(self.rng, letter, talk=talk, text=text, subject=subject, around=around)

    def _continued(self, letter: Letter) -> Talk | None:
        """An open conversation about the letter's intent that it may carry on."""
        waiting = self.talks.get((letter.intent, letter.channel), [])
        lasts = _OPEN_FOR.get(letter.channel, dt.timedelta())
        waiting[:] = [t for t in waiting if t.answered and letter.moment - t.answered < lasts]
        ready = [t for t in waiting if t.answered and t.answered < letter.moment]
        if letter.segment or letter.words.is_bare or not ready:
            return None
        waiting.remove(ready[0])
        return ready[0]

    def _answered(self, letter: Letter, talk: Talk) -> Row:
        moment = answered_at(self.rng, letter.moment, channel=letter.channel)
        talk.answered = moment
        text, subject, turn = answer(
            self.rng,
            letter,
            agent=talk.agent,
            channel=talk.channel,
            subject=talk.subject,
            earlier=talk.last,
            moment=moment,
        )
        talk.last = turn
        people, data = (talk.customer, talk.agent), [*talk.data, *talk.customer.personal]
        data.append(("EMAIL", talk.customer.address))
        around = planted_around(text, people, data)
        turned = replace(letter, moment=moment, channel=talk.channel, planted=(), language="")
        row = _row(self.rng, turned, talk=talk, text=text, subject=subject, around=around)
        return replace(row, author="agent", intent=AGENT_TURN, raised=())

    def _thanks(self, letter: Letter, talk: Talk) -> Row:
        assert talk.answered is not None
        moment = talk.answered + dt.timedelta(minutes=self.rng.randrange(2, 90))
        words = self.rng.choice(load_phrases().thanks).replace("{agent}", talk.agent.first)
        last = replace(
            letter,
            intent=THANKS_ONLY,
            moment=moment,
            channel=talk.channel,
            words=Words((Part(words),), sign_off=letter.words.sign_off),
            planted=(),
            language="",
        )
        return self.written(last, talk)


def in_conversations(
    rng: random.Random, created: Sequence[Sequence[Letter]], *, days: Sequence[dt.date]
) -> list[list[Row]]:
    """Return the rows of each day, by time, still without ids.

    An answer may come on a later day; what would come after the last day is left out.
    """
    desk = Desk(rng)
    by_day: dict[dt.date, list[Row]] = {day: [] for day in days}
    for letters in created:
        for letter in letters:
            for row in desk.receive(letter):
                by_day.get(row.moment.date(), []).append(row)
    return [sorted(rows, key=lambda row: row.moment) for rows in by_day.values()]


def _following(rng: random.Random, letter: Letter, talk: Talk) -> Letter:
    """Let a letter carry on a conversation: the same customer, and a first sentence about it."""
    parts = letter.words.parts
    first = next(n for n, part in enumerate(parts) if part.intent)
    chaser = Part(rng.choice(load_phrases().chasers))
    words = replace(letter.words, parts=(chaser, *parts[first:]))
    return replace(letter, words=words, customer=talk.customer, is_known=talk.is_known)


def _subject(rng: random.Random, letter: Letter) -> str:
    """The subject line of a first mail; other channels have none."""
    if letter.channel != "email":
        return ""
    phrases, luck = load_phrases(), rng.random()
    if luck < _SUBJECTS[0]:
        slots = {**load_material().slots, "bank": (phrases.bank,)}
        return fill(rng, rng.choice(phrases.subjects[letter.intent]), slots)
    return rng.choice(phrases.vague_subjects) if luck < _SUBJECTS[1] else ""


def _reply(subject: str, letter: Letter) -> str:
    if letter.channel != "email":
        return ""
    mark = "RE:" if letter.customer.program.name == "outlook" else "Re:"
    return f"{mark} {subject or f'Your message to {load_phrases().bank}'}"


def _row(
    rng: random.Random,
    letter: Letter,
    *,
    talk: Talk,
    text: str,
    subject: str,
    around: Sequence[tuple[str, str, str]],
) -> Row:
    return Row(
        external_id="",
        created_at=with_offset(rng, letter.moment),
        text=text,
        channel=letter.channel,
        customer_id=letter.customer.number if letter.is_known else "",
        language=letter.language,
        subject=subject,
        conversation_id=str(talk.key),
        author="customer",
        attributes=letter.customer.attributes if letter.is_known else {},
        intent=letter.intent,
        moment=letter.moment,
        raised=tuple((p.intent, clean(p.text)) for p in letter.words.parts if p.intent),
        planted=(*((kind, value, "words") for kind, value in letter.planted), *around),
    )
