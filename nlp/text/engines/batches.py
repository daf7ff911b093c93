"""Batches of texts of equal length, computed by single-threaded workers."""

import math
import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlp.records import Floats

N_TOKENS = 1_024
"""Tokens of a batch, at most; a longer text is a batch of its own."""
_QUOTA = Path("/sys/fs/cgroup/cpu.max")

Batch = NDArray[np.intp]


def equal_lengths(lengths: Sequence[int]) -> list[Batch]:
    """Return the indices of texts in batches, long texts first.

    The texts of a batch have the same number of tokens, so none is padded: no time is spent on
    padding, and a text's row does not depend on what is embedded beside it.
    """
    same = defaultdict(list)
    for i, length in enumerate(lengths):
        same[length].append(i)
    batches = []
    for length in sorted(same, reverse=True):
        indices, n = same[length], max(1, N_TOKENS // max(1, length))
        batches += [np.array(indices[a : a + n], np.intp) for a in range(0, len(indices), n)]
    return batches


def n_workers() -> int:
    """Number of cores that this process may use, or the number of threads that torch is given."""
    import torch

    given = min(torch.get_num_threads(), len(os.sched_getaffinity(0)))
    return max(1, min(given, _quota(_QUOTA)))


def _quota(file: Path) -> int:
    """Cores' worth of time that the container may use, from its control group."""
    try:
        most, period = file.read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return 2**31
    return 2**31 if most == "max" else math.ceil(int(most) / int(period))


def compute(batches: Sequence[Batch], encode: Callable[[Batch], Floats], *, n: int) -> list[Floats]:
    """Return the rows of each batch, computed by `n` workers with one thread each.

    Threads that share one product wait for one another: where other processes keep the cores
    busy, that takes many times as long. Workers wait for nobody.
    """
    import torch

    if n == 1 and torch.get_num_threads() == 1:
        return [encode(batch) for batch in batches]
    with ThreadPoolExecutor(n, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        return list(pool.map(encode, batches))
