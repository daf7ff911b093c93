"""In-memory fakes of what the jobs need from outside; they keep the promises of the ports."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nlp.records import Floats
from tests.fakes.conversations import MemoryConversations, MemoryDesk
from tests.fakes.decisions import MemoryDecisions, OneDecision
from tests.fakes.erasures import OneErasure
from tests.fakes.messages import MemoryRuns, MemorySource
from tests.fakes.write_backs import MemoryOutbox

__all__ = [
    "MemoryDesk",
    "MemoryEncoder",
    "MemorySource",
    "MemoryStore",
    "OneDecision",
    "OneErasure",
]


@dataclass
class MemoryStore(MemoryConversations, MemoryDecisions, MemoryOutbox, MemoryRuns):
    """`nlp.ports.Store`, with `deciding` for decisions."""


@dataclass
class MemoryEncoder:
    """`nlp.ports.Encoder` by the words that a text has, a direction each, and a little of its own.

    Texts that have none of the words lie apart from them.
    """

    words: Sequence[str]
    name: str = "memory/float32"
    dimension: int = 16

    def encode(self, texts: Sequence[str]) -> Floats:
        rows = np.stack([self._row(text) for text in texts]) if texts else np.zeros((0, 16))
        return rows.astype(np.float32)

    def _row(self, text: str) -> Floats:
        row = np.random.default_rng(sum(text.encode()) * 31 + len(text)).normal(
            scale=0.03, size=self.dimension
        )
        axes = [n for n, word in enumerate(self.words) if word in text.lower()]
        row[axes or [self.dimension - 1]] += 1.0
        result: Floats = row / np.linalg.norm(row)
        return result
