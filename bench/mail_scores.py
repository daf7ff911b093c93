"""Scores of a replayed mail stream, from the files that `triage replay` exports.

A message raises one to three intents and may have several topics: `message_topics.csv`
(`message_id,topic_id`) names them if the replay writes it; otherwise a message has the one topic of
`assignments.csv`. Topics are matched to intents one to one, or many to one: each topic is matched
to the intent of most of its messages, which penalises mixtures but not fragments.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.mail_alerts import alerts_of, false_segments, found_of, mean, recall, segments_named
from bench.mail_matches import Matches, TopicsOf, f1, match, share_given, topics_of_messages
from bench.mail_phrases import Phrases, boilerplate_words, words_of
from bench.mail_streams import MACHINE, MailStream
from bench.stream_scores import rows_of
from bench.streams import NOISE
from nlp.states import TopicStatus

_MIN_MESSAGES = 8
"""Messages that a topic or intent needs to count in `topics_per_intent`."""
_LIVING = (TopicStatus.ACTIVE, TopicStatus.QUIET)


@dataclass(frozen=True, slots=True)
class MailScores:
    """All shares are 0..1, or NaN if there was nothing to count; the delay is in days."""

    f1: float
    """Micro F1 of the pairs of message and intent, topics matched one to one."""
    f1_many: float
    """The same, matched many to one."""
    recall_second: float
    """The share of messages' second and third intents that were found, one to one."""
    topics_per_intent: float
    """Topics of at least 8 messages divided by intents raised at least 8 times."""
    from_quotes: float
    """The share of messages that quote another intent and are counted under it, many to one."""
    noise_out: float
    """Share of the noise that is unclustered or in a topic of mostly noise and machine mail."""
    machine_out: float
    """The same for machine mail."""
    coverage: float
    """Share of the messages that raise an intent that have a topic."""
    recall_new: float
    recall_surge: float
    precision: float
    """Share of alerts that match a planted event within 7 days of its start."""
    n_alerts: int
    """Alerts after the warm-up."""
    delay: float
    """Median days from an event's start to its first alert."""
    segments: float
    """Share of the surges planted in one segment that an alert's column `segment` names."""
    recall_second_many: float
    false_segments: float
    """The share of alerts on an event that name a segment other than the planted one."""
    boilerplate_labels: int
    """Living topics whose label has a word that only names, signatures and closings contain."""


def score(stream: MailStream, out: Path, *, phrases: Phrases) -> MailScores:
    """Score the exports in `out`; `phrases` are those of the stream."""
    topics_of = topics_of_messages(out)
    matches = match(stream, topics_of)
    one, many = matches.one_to_one, matches.many_to_one
    alerts = alerts_of(stream, topics_of, out)
    delays = list(found_of(alerts).values())
    belonging = [m for m in stream.messages if m.belongs]
    later = [(m.message_id, i) for m in belonging for i in m.intents[1:]]
    quoted = [(m.message_id, m.quoted_intent) for m in stream.messages if m.quoted_intent]
    return MailScores(
        f1=f1(stream, topics_of, one),
        f1_many=f1(stream, topics_of, many),
        recall_second=share_given(later, topics_of, one),
        topics_per_intent=_topics_per_intent(stream, matches),
        from_quotes=share_given(quoted, topics_of, many),
        noise_out=_kept_out(stream, NOISE, topics_of, matches),
        machine_out=_kept_out(stream, MACHINE, topics_of, matches),
        coverage=mean([m.message_id in topics_of for m in belonging]),
        recall_new=recall(stream, alerts, "new_topic"),
        recall_surge=recall(stream, alerts, "surge"),
        precision=mean([a.event is not None for a in alerts]),
        n_alerts=len(alerts),
        delay=float(np.median(delays)) if delays else float("nan"),
        segments=segments_named(stream, alerts),
        recall_second_many=share_given(later, topics_of, many),
        false_segments=false_segments(alerts),
        boilerplate_labels=boilerplate_labels(stream, out, phrases=phrases),
    )


def boilerplate_labels(stream: MailStream, out: Path, *, phrases: Phrases) -> int:
    """Count the living topics whose label has a word of `boilerplate_words`."""
    words = (r.text for m in stream.messages for r in m.requests if r.intent != MACHINE)
    boilerplate = boilerplate_words(phrases, words)
    living = [t for t in rows_of(out / "topics.csv") if t["status"] in _LIVING]
    return sum(not boilerplate.isdisjoint(words_of(t["label"])) for t in living)


def _topics_per_intent(stream: MailStream, matches: Matches) -> float:
    n_raised = Counter(i for m in stream.messages if m.belongs for i in m.intents)
    n_topics = sum(n >= _MIN_MESSAGES for n in matches.n_messages.values())
    n_intents = sum(n >= _MIN_MESSAGES for n in n_raised.values())
    return n_topics / n_intents if n_intents else float("nan")


def _kept_out(stream: MailStream, kind: str, topics_of: TopicsOf, matches: Matches) -> float:
    """Return the share of `~noise` or `~machine` that is unclustered or only in loose topics."""
    own = [topics_of.get(m.message_id, set()) for m in stream.messages if m.intents[0] == kind]
    return mean([topics <= matches.loose for topics in own])
