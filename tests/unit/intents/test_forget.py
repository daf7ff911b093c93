"""A model forgets texts and goes on answering others."""

import numpy as np
import pytest

from nlp.intents.data import Inputs
from nlp.intents.forget import forget, terms_of
from nlp.intents.model import load
from nlp.intents.training import train
from tests.fakes import MemoryEncoder

_ENCODER = MemoryEncoder(("card", "refund", "zyxquamble"))
_TEXTS = [
    f"{words} {place}"
    for words in ("my card is lost", "where is my refund")
    for place in ("today", "in london", "at home", "on monday", "at work", "by post")
]
_OWN = "a zyxquamble ate my card"


@pytest.fixture(scope="module")
def artefact() -> bytes:
    """A model that learnt a text of one customer among those of others."""
    texts = [*_TEXTS, _OWN]
    labels = ["card"] * 6 + ["refund"] * 6 + ["card"]
    inputs = Inputs(texts, _ENCODER.encode(texts))
    described = {n: Inputs([n], _ENCODER.encode([n])) for n in ("card", "refund")}
    trained = train(inputs, labels, described=described, encoder="memory", seed=1, precision=0.95)
    return trained.model.dump()


def test_words_and_embeddings_are_gone(artefact: bytes) -> None:
    """Neither the artefact's bytes nor its rows have anything of the text."""
    vectors = _ENCODER.encode([_OWN])
    assert b"zyxquamble" in artefact
    result = forget(artefact, words={"zyxquamble", "ate"}, vectors=vectors)
    assert b"zyxquamble" not in result
    assert terms_of(artefact) - terms_of(result) == {"zyxquamble", "ate"}
    model = load(result)
    assert (model.neighbours.embeddings @ vectors.T).max() < 0.99
    assert (model.scorer.embeddings @ vectors.T).max() < 0.99  # type: ignore[attr-defined]


def test_other_texts_are_answered_as_before(artefact: bytes) -> None:
    """Guesses are the same, and probabilities nearly so."""
    inputs = Inputs(_TEXTS, _ENCODER.encode(_TEXTS))
    result = forget(artefact, words={"zyxquamble", "ate"}, vectors=_ENCODER.encode([_OWN]))
    before, after = (load(a).predict(_TEXTS, inputs) for a in (artefact, result))
    assert [p.intent for p in before] == [p.intent for p in after]
    assert np.allclose([p.probability for p in before], [p.probability for p in after], atol=0.05)


def test_a_model_that_knows_nothing_of_it_stays_to_the_byte(artefact: bytes) -> None:
    """Words and embeddings that are not in it change nothing, whatever their dimension."""
    other = _ENCODER.encode(["the lamp in the lobby flickers"])
    assert forget(artefact, words={"lamp"}, vectors=other) == artefact
    assert forget(artefact, words=set(), vectors=np.zeros((0, 0), np.float32)) == artefact
    assert forget(artefact, words=set(), vectors=np.ones((1, 3), np.float32)) == artefact


def test_what_cannot_be_read_is_emptied() -> None:
    """Nobody can say what an artefact of another version keeps."""
    assert forget(b"of another version", words=set(), vectors=np.zeros((0, 0))) == b""
    assert terms_of(b"of another version") == set()
