"""The conversations of the sample inbox."""

import datetime as dt
import itertools
from collections import Counter
from random import Random

from nlp.apps.sample.mail.answers import answered_at
from nlp.states import Author
from nlp.text.contract import Draft
from tests.sample_inbox import Sample, readable


def _answered(sample: Sample) -> list[list[Draft]]:
    return [turns for turns in sample.conversations.values() if len(turns) > 1]


def test_every_row_belongs_to_a_conversation_that_a_customer_begins(sample: Sample) -> None:
    """Each good row has a conversation; its first turn is by a customer or a machine."""
    assert all(draft.conversation_id for _, draft in sample.good)
    assert {turns[0].author for turns in sample.conversations.values()} == {Author.CUSTOMER}


def test_conversations_come_in_order(sample: Sample) -> None:
    """The turns of a conversation belong to one customer and are in order of time; an agent never
    writes twice in a row."""
    for turns in _answered(sample):
        assert [t.created_at for t in turns] == sorted(t.created_at for t in turns)
        assert len({t.customer_hash for t in turns}) == 1
        authors = [t.author for t in turns]
        assert (Author.AGENT, Author.AGENT) not in set(itertools.pairwise(authors))


def test_a_fifth_of_the_rows_is_of_agents(sample: Sample) -> None:
    """15% to 25% of the rows are by agents, and customers write again in many conversations."""
    authors = Counter(draft.author for _, draft in sample.good)
    assert set(authors) == {Author.CUSTOMER, Author.AGENT}
    assert 0.15 < authors[Author.AGENT] / authors.total() < 0.25
    sizes = Counter(len(turns) for turns in _answered(sample))
    assert sizes[2] > sizes[3] + sizes[4] > 200
    assert max(sizes) >= 5


def test_many_turns_come_the_next_day(sample: Sample) -> None:
    """At least a fifth of the agents' mails are sent on a later day than the mail they answer."""
    delays = [
        (answer.day - requested.day).days
        for turns in _answered(sample)
        for requested, answer in itertools.pairwise(turns)
        if answer.author is Author.AGENT and answer.channel == "email"
    ]
    assert 0.2 < sum(d >= 1 for d in delays) / len(delays) < 0.7
    assert max(delays) <= 3


def test_turns_of_a_conversation_are_about_one_intent(sample: Sample) -> None:
    """A later request has the first intent of the first request; thanks raise no intent."""
    intents = sample.intents
    for turns in _answered(sample):
        requested = {intents[t.external_id] for t in turns}
        assert len(requested - {"agent_turn", "thanks_only"}) == 1


def test_answers_of_customers_quote_what_they_answer(sample: Sample) -> None:
    """Each later mail of a customer quotes the agent's mail that it answers and has a subject of an
    answer."""
    checked = 0
    for turns in _answered(sample):
        for earlier, later in itertools.pairwise(turns):
            if later.author is Author.CUSTOMER and later.channel == "email":
                assert str(later.subject).lower().startswith("re: ")
                words = readable(earlier.text).removeprefix("##- Please type").split("-## ")[-1]
                assert " ".join(words.split()[:6]) in readable(later.text).replace("> ", "")
                checked += 1
    assert checked > 200


def test_agents_answer_in_their_hours() -> None:
    """An answer follows its question, between 7:00 and 20:00, and within 15 minutes in a daytime
    chat."""
    rng = Random(1)
    for hour in range(24):
        requested = dt.datetime(2026, 3, 2, hour, 30, tzinfo=dt.UTC)
        for channel in ("chat", "email"):
            answered = answered_at(rng, requested, channel=channel)
            assert requested < answered < requested + dt.timedelta(hours=60)
            assert 7 <= answered.hour < 20
    noon = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
    assert answered_at(rng, noon, channel="chat") - noon < dt.timedelta(minutes=16)
