"""The encoder of the settings."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from nlp.errors import EncoderError
from nlp.settings import Settings
from nlp.text.embed import PRECISIONS, SentenceEncoder, load_encoder

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


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_text_has_the_same_bits_whatever_is_beside_it(precision: str) -> None:
    """Alone, in another order and among texts of other lengths, a row is the same to the bit."""
    encoder = SentenceEncoder(precision=precision)
    texts = [f"{word} card is lost, what now" for word in ("my", "the", "her", "his", "our")]
    together = encoder.encode([*texts, _CARD, "hello", "where is it"])
    assert np.array_equal(encoder.encode(texts[1:2])[0], together[1])
    assert np.array_equal(encoder.encode(texts[::-1])[::-1], together[:5])
    assert np.array_equal(encoder.encode([_CARD])[0], together[5])


def test_int8_keeps_directions() -> None:
    """In int8 a text points where it does in float32, and the name says so."""
    rough, exact = SentenceEncoder(precision="int8"), SentenceEncoder(precision="float32")
    texts = ["where is my card", "my mortgage payment was lost", "how do I reset the app", _CARD]
    assert (rough.encode(texts) * exact.encode(texts)).sum(axis=1).min() > 0.98
    assert rough.name == "all-MiniLM-L6-v2/int8"


def test_int8_that_torch_lacks_is_refused_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A build of torch without the operation costs one line that names the setting."""

    def missing(*_: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr(torch.ops.onednn, "qlinear_prepack", missing)
    with pytest.raises(EncoderError, match="Set TRIAGE_PRECISION to auto"):
        SentenceEncoder(precision="int8").encode(["x"])


def test_auto_goes_on_in_the_precision_of_what_is_stored(tmp_path: Path) -> None:
    """Embeddings that exist decide, not the machine: nothing is measured."""
    store, settings = _Stored("bfloat16"), Settings(local_dir=tmp_path, _env_file=None)
    assert load_encoder(settings, store).name == "all-MiniLM-L6-v2/bfloat16"
    assert list(tmp_path.iterdir()) == []


def test_a_precision_that_is_set_comes_before_what_is_stored(tmp_path: Path) -> None:
    """A person changes the precision by naming one."""
    settings = Settings(local_dir=tmp_path, precision="int8", _env_file=None)
    assert load_encoder(settings, _Stored("float32")).precision == "int8"


def test_auto_measures_once_where_nothing_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The faster of two precisions is found on the first use, and kept for the next."""
    import torch

    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: True)
    settings = Settings(local_dir=tmp_path, _env_file=None)
    assert load_encoder(settings, _Stored(None)).precision in PRECISIONS[:2]
    (file,) = tmp_path.iterdir()
    (key,) = json.loads(file.read_text())
    file.write_text(json.dumps({key: "bfloat16"}))
    assert load_encoder(settings).precision == "bfloat16"


@dataclass
class _Stored:
    """`nlp.ports.EncoderStore` that holds embeddings of one precision."""

    precision: str | None

    def precision_in_use(self, weights: str) -> str | None:
        assert weights == "all-MiniLM-L6-v2"
        return self.precision
