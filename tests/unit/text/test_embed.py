"""The encoder of the settings."""

import numpy as np

from nlp.text.embed import SentenceEncoder

_ENCODER = SentenceEncoder()
_SERVICER = "My mortgage servicer lost my payment and reported me late again. " * 40
_CARD = "The machine kept my card and nobody sends me another one. " * 40


def test_a_long_text_is_read_to_its_end() -> None:
    """Text after the 256th token counts as much as text before it."""
    begin, both, end = _ENCODER.encode([_SERVICER, _SERVICER + _CARD, _CARD])
    assert both @ begin > 0.6
    assert both @ end > 0.6
    assert np.allclose(np.linalg.norm([begin, both, end], axis=1), 1)


def test_a_short_text_is_read_as_it_is() -> None:
    """A short text has the same embedding alone and in a batch with a long one."""
    alone = _ENCODER.encode(["where is my card"])
    beside = _ENCODER.encode([_CARD, "where is my card", "", _SERVICER])
    assert beside.shape == (4, _ENCODER.dimension)
    assert np.allclose(beside[1], alone[0], atol=1e-2)


def test_a_text_without_a_blank_is_read_in_pieces_too() -> None:
    """A long text without spaces, such as Chinese, is embedded."""
    (row,) = _ENCODER.encode(["\u6211\u7684\u5361\u4e22\u4e86" * 400])
    assert np.isfinite(row).all()
