"""Which topic has the messages of a merged topic: the only module that follows merges."""

from collections.abc import Iterable, Mapping

from nlp.lives import Life, MergeRecord


def heirs_of(words: Iterable[MergeRecord]) -> dict[int, int]:
    """Return each topic that is merged away, and the topic that has its messages in the end.

    `words` holds the last word about each topic, the oldest first. Words that were given without
    regard to one another, as when an earlier day ran again, could form a cycle: then the later one
    holds, and the topic that it names as heir is not merged.
    """
    into: dict[int, int] = {}
    for word in words:
        into.pop(word.topic_id, None)
        if word.into is None or word.into == word.topic_id:
            continue
        if _end(into, word.into) == word.topic_id:
            into.pop(word.into, None)
        into[word.topic_id] = word.into
    return {topic: _end(into, topic) for topic in into}


def heir_of(lives: Mapping[int, Life], topic_id: int) -> int:
    """Return the topic that has the messages of `topic_id`: itself, unless it is merged away."""
    merges = {t: life.merge.into for t, life in lives.items() if life.merge}
    return _end({t: into for t, into in merges.items() if into is not None}, topic_id)


def _end(into: Mapping[int, int], topic_id: int) -> int:
    while (heir := into.get(topic_id)) is not None:
        topic_id = heir
    return topic_id
