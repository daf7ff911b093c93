"""Promises of `nlp.topics.words.describe`, with the real encoder."""

import re
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pytest
from spacy.lang.en.stop_words import STOP_WORDS

from nlp.records import Floats
from nlp.text.clean import normalise
from nlp.text.embed import SentenceEncoder
from nlp.text.own import own_text
from nlp.topics.words.config import WordConfig
from nlp.topics.words.describe import Description, ExistingLabels, describe

_PLACES = ("in London", "on the train", "at a shop", "in the park", "in Berlin", "at work",
           "near the station", "on my trip", "after lunch", "on monday")  # fmt: skip
_CARD = ("I lost my card {}", "my bank card is lost {}", "lost card {} please help")
_REFUND = ("where is my refund {}", "still waiting for a refund {}", "refund missing {}")
_PIN = ("my pin is blocked {}", "blocked pin {}", "pin blocked again {}")
_HIDDEN = re.compile(
    r"<|>|x{2,}|\*{2,}|\b(?:card|email|phone|iban|ssn|url|person)\b", re.IGNORECASE
)


def _texts(frames: Sequence[str], n: int = 20) -> list[str]:
    return [frames[i % len(frames)].format(_PLACES[i % len(_PLACES)]) for i in range(n)]


def _describe(
    encoder: SentenceEncoder,
    clusters: Sequence[Sequence[str]],
    *,
    beside: Sequence[str] = ("good morning all", "a band plays", "what a lovely goat"),
    only: Collection[int] | None = None,
    **given: Any,
) -> dict[int, Description]:
    """Describe clusters of texts, with a few texts beside them that belong to none."""
    texts = [*(t for texts in clusters for t in texts), *beside]
    sizes = [len(texts) for texts in clusters]
    labels = np.concatenate([np.repeat(np.arange(len(sizes)), sizes), np.full(len(beside), -1)])
    embeddings = _embed(encoder, texts)
    return describe(
        texts,
        embeddings,
        labels.astype(np.intp),
        encode=encoder.encode,
        config=WordConfig(),
        only=only,
        given=ExistingLabels(**given),
    )


def _embed(encoder: SentenceEncoder, texts: Sequence[str]) -> Floats:
    return encoder.encode([own_text(t).embedded for t in texts])


def _words(label: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:['\u2019][^\W_]+)*", label.casefold())


def _is_telling(label: str) -> bool:
    """Whether a label says something: neither stop words only nor digits only nor nothing."""
    words = [w for w in _words(label) if not w.isdigit()]
    return any(w not in STOP_WORDS for w in words)


def test_labels_and_keywords_say_what_it_is_about(encoder: SentenceEncoder) -> None:
    """Each label holds its cluster's subject in the customers' words, and so do the keywords."""
    result = _describe(encoder, [_texts(_CARD), _texts(_REFUND), _texts(_PIN)])
    assert sorted(result) == [0, 1, 2]
    for cluster, word in enumerate(("card", "refund", "pin")):
        assert word in _words(result[cluster].label)
        assert any(word in _words(keyword) for keyword in result[cluster].keywords)
        assert result[cluster].label == result[cluster].label.strip()
        assert len(result[cluster].label) <= 80


def test_what_all_clusters_share_sets_none_apart(encoder: SentenceEncoder) -> None:
    """A word of every cluster is no cluster's first keyword."""
    clusters = [_texts([f"account account {f}" for f in fs]) for fs in (_CARD, _REFUND, _PIN)]
    for description in _describe(encoder, clusters).values():
        assert description.keywords[0] != "account"


@pytest.mark.parametrize(
    "frames",
    [
        ("my card <CARD> is lost {}", "lost <CARD> {}", "<CARD> <CARD> lost card"),
        ("write to <EMAIL> or <PHONE> {}", "<EMAIL> <PHONE>", "<PERSON> of <IBAN> {}"),
        ("XXXX XXXX loan on XX/XX/2023 {}", "the XXXX loan", "XXXX told XXXXXXXX of the loan"),
        ("card ****1234 {}", "**** 4111XXXXXXXX1111 declined", "xxxx declined {}"),
        ("<CARD>", "XXXX XX/XX/XXXX", "<EMAIL> <PHONE>"),
    ],
)
def test_nothing_hidden_is_shown(encoder: SentenceEncoder, frames: tuple[str, ...]) -> None:
    """No label or keyword holds a placeholder or a mask, in whatever case, or a trace of one."""
    result = _describe(encoder, [_texts(frames), _texts(_REFUND)])
    shown = [result[0].label, *result[0].keywords]
    own_words = {w for f in frames for w in _words(normalise(f.replace("{}", " ")))}
    traces = [t for s in shown for t in _HIDDEN.findall(s) if t.casefold() not in own_words]
    assert traces == []
    assert result[0].label


@pytest.mark.parametrize(
    "frames",
    [
        ("what is it about the {}", "who are you then", "why not, and what of it"),
        ("1234 5678", "1234", "99 1234 5678"),
        ("please help", "hello, thanks please", "please help me"),
    ],
)
def test_labels_are_more_than_stop_words_or_digits(
    encoder: SentenceEncoder, frames: tuple[str, ...]
) -> None:
    """Where customers say nothing that tells, the label is still a word that a person can read."""
    result = _describe(encoder, [[f.replace("{}", "") for f in frames] * 5, _texts(_REFUND)])
    assert _is_telling(result[0].label), result[0].label


def test_labels_are_unlike_each_other_and_what_is_taken(encoder: SentenceEncoder) -> None:
    """Clusters of the same texts, and a label that is in use in any case, make no repeat."""
    taken = ["Lost card", "REFUND MISSING"]
    result = _describe(encoder, [_texts(_CARD), _texts(_CARD), _texts(_CARD), _texts(_REFUND)],
                      taken=taken)  # fmt: skip
    labels = [d.label.casefold() for d in result.values()]
    assert len(set(labels)) == 4
    assert not {t.casefold() for t in taken} & set(labels)


def test_a_cluster_without_a_phrase_is_named_by_a_message(encoder: SentenceEncoder) -> None:
    """Clusters that share no phrase at all get labels of their own all the same."""
    lonely = ["pelican", "umbrella", "goat", "lantern", "teapot"]
    result = _describe(encoder, [lonely, lonely[::-1], ["<CARD>"] * 5, ["XXXX"] * 5], beside=())
    labels = [result[c].label for c in range(4)]
    assert len({label.casefold() for label in labels}) == 4
    assert _words(labels[0])[0] in lonely
    assert all(_is_telling(label) and not _HIDDEN.search(label) for label in labels)


def test_only_what_is_asked_for_is_described(encoder: SentenceEncoder) -> None:
    """With `only`, other clusters are context and not described; none asked is none given."""
    clusters = [_texts(_CARD), _texts(_REFUND), _texts(_PIN)]
    assert sorted(_describe(encoder, clusters, only=[1])) == [1]
    assert _describe(encoder, clusters, only=[]) == {}
    assert _describe(encoder, []) == {}


def test_exemplars_are_members_that_differ(encoder: SentenceEncoder) -> None:
    """Exemplars are distinct messages of their cluster, the nearest to its centroid first."""
    clusters = [_texts(_CARD), _texts(_REFUND), ["my pin is blocked"] * 3]
    result = _describe(encoder, clusters)
    texts = [t for texts in clusters for t in texts]
    for cluster, start in enumerate((0, 20, 40)):
        exemplars = result[cluster].exemplars
        assert len(set(exemplars)) == len(exemplars) >= 1
        assert all(start <= i < start + len(clusters[cluster]) for i in exemplars)
    embeddings = _embed(encoder, texts[:20])
    nearness = embeddings @ embeddings.mean(axis=0)
    assert nearness[result[0].exemplars[0]] == pytest.approx(nearness.max(), abs=1e-6)
    assert len({texts[i] for i in result[0].exemplars}) > 1


def test_describing_again_gives_the_same(encoder: SentenceEncoder) -> None:
    """The same messages are described with the same words, in the same order."""
    clusters = [_texts(_CARD), _texts(_REFUND), _texts(_PIN)]
    assert _describe(encoder, clusters) == _describe(encoder, clusters)


def test_keywords_do_not_repeat_one_another(encoder: SentenceEncoder) -> None:
    """Each keyword is there once, and another form of the same word is not a second keyword."""
    frames = ("my refund is late {}", "refunds are late {}", "the refund, a late refund {}")
    (result, *_) = _describe(encoder, [_texts(frames), _texts(_PIN)]).values()
    assert len({k.casefold() for k in result.keywords}) == len(result.keywords)
    assert not {"refund", "refunds"} <= set(result.keywords)


def test_a_label_does_not_break_off(encoder: SentenceEncoder) -> None:
    """What customers always go on saying is part of the label, as are articles and particles."""
    virtual = ("how do I order a virtual card {}", "order a virtual card {}", "a virtual card {}")
    top_up = ("my top-up failed {}", "the top up failed {}", "failed top up {}")
    result = _describe(encoder, [_texts(virtual), _texts(top_up), _texts(_CARD)])
    assert result[0].label.casefold() in ("order a virtual card", "virtual card")
    assert "top up" in result[1].label.casefold()


def test_a_label_is_no_piece_of_a_sentence(encoder: SentenceEncoder) -> None:
    """A run over a subject and its verb is passed over where a phrase is there."""
    frames = ("which countries do you support {}", "the supported countries {}",
              "countries I can use, supported countries {}")  # fmt: skip
    result = _describe(encoder, [_texts(frames), _texts(_REFUND)])
    assert not {"do", "you", "i"} & set(_words(result[0].label))


def test_siblings_get_labels_that_tell_them_apart(encoder: SentenceEncoder) -> None:
    """Of two topics of a kind, each is named by what the other has not, not by what they share."""
    cash = ("cash withdrawal fee {}", "a fee on my cash withdrawal {}", "cash withdrawal fee again")
    card = ("card payment fee {}", "a fee on my card payment {}", "card payment fee again")
    result = _describe(encoder, [_texts(cash), _texts(card)])
    assert "cash" in _words(result[0].label)
    assert "card" in _words(result[1].label)


def test_a_standing_label_stays_while_it_is_said(encoder: SentenceEncoder) -> None:
    """One that customers still use, or a person fixed, stays; another gives way to a better one."""
    clusters = [_texts(_CARD), _texts(_REFUND), _texts(_PIN)]
    free = _describe(encoder, clusters)
    words = free[0].keywords[0].capitalize()
    standing = {0: words, 1: "Hotel safe", 2: "Escalate"}
    result = _describe(encoder, clusters, standing=standing, fixed=[2])
    assert (result[0].label, result[2].label) == (words, "Escalate")
    assert result[1].label == free[1].label
    assert [result[c].keywords for c in range(3)] == [free[c].keywords for c in range(3)]


def test_a_cluster_that_repeats_nothing_has_no_keywords(encoder: SentenceEncoder) -> None:
    """Words that stand in one message only are no keywords, and nothing against a name."""
    lonely = ["my card was stolen", "late refund"]
    (result,) = _describe(encoder, [lonely], standing={0: "Sundry"}, beside=()).values()
    assert (result.label, result.keywords) == ("Sundry", ())
