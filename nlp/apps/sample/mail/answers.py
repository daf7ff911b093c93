"""What agents answer, and when."""

import datetime as dt
import random

from nlp.apps.sample.letters import Letter
from nlp.apps.sample.mail.people import Person
from nlp.apps.sample.mail.phrases import load_phrases
from nlp.apps.sample.mail.programs import Turn
from nlp.apps.sample.mail.wrap import laid_out

_OPENS, _CLOSES = 7, 20  # o'clock, UTC
_QUOTES_SHARE = 0.6
_USUAL_HOURS = 4.0


def answered_at(rng: random.Random, moment: dt.datetime, *, channel: str) -> dt.datetime:
    """Return when an agent answers: in a chat within minutes, otherwise mostly within a day.

    Agents work from 7 to 20 o'clock, so what comes late is answered the next day.
    """
    if channel == "chat":
        answered = moment + dt.timedelta(seconds=rng.randrange(40, 900))
    else:
        hours = min(rng.lognormvariate(0, 0.9) * _USUAL_HOURS, 40)
        answered = moment + dt.timedelta(hours=hours, minutes=5)
    if _OPENS <= answered.hour < _CLOSES:
        return answered.replace(microsecond=0)
    day = answered.date() + dt.timedelta(days=answered.hour >= _CLOSES)
    opening = dt.datetime.combine(day, dt.time(_OPENS), dt.UTC)
    return opening + dt.timedelta(seconds=rng.randrange(2 * 3600))


def answer(
    rng: random.Random,
    letter: Letter,
    *,
    agent: Person,
    channel: str,
    subject: str,
    earlier: Turn | None,
    moment: dt.datetime,
) -> tuple[str, str, Turn | None]:
    """Return the text, the subject and the mail of an agent's answer; a chat has no mail."""
    phrases = load_phrases()
    gaps = {
        "agent": agent.first,
        "first": letter.customer.first,
        "bank": phrases.bank,
        "subject": subject,
    }
    if channel != "email":
        return rng.choice(phrases.chat_answers).format(**gaps), "", None
    suitable = [a for a in phrases.answers if subject or "{subject}" not in a]
    turn = Turn(
        sender=f"{phrases.bank} Support",
        sender_address=phrases.bank_address,
        to=letter.customer.name,
        to_address=letter.customer.address,
        moment=moment,
        subject=f"Re: {subject or f'Your message to {phrases.bank}'}",
        blocks=(
            rng.choice(("Dear {first},", "Hello {first},", "Hi {first},")).format(**gaps),
            rng.choice(suitable).format(**gaps),
        ),
        signature=rng.choice(phrases.answer_closings).format(**gaps),
        disclaimer="",
        program=agent.program,
        earlier=earlier if rng.random() < _QUOTES_SHARE else None,
    )
    return laid_out(turn, as_html=agent.writes_html), turn.subject, turn
