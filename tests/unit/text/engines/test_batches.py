"""Batches of equal length, and the workers that compute them."""

from pathlib import Path

import numpy as np
import torch

from nlp.text.engines.batches import N_TOKENS, _quota, compute, equal_lengths


def test_no_text_is_padded_or_left_out() -> None:
    """A batch has texts of one length and a bounded number of tokens; each text is in one."""
    lengths = np.random.default_rng(0).integers(1, 300, 2_000).tolist()
    batches = equal_lengths([*lengths, 5_000])
    assert sorted(i for batch in batches for i in batch) == list(range(2_001))
    for batch in batches:
        (length,) = {[*lengths, 5_000][i] for i in batch}
        assert len(batch) == 1 or len(batch) * length <= N_TOKENS


def test_workers_have_one_thread_each_and_the_caller_keeps_its_own() -> None:
    """Rows come in the order of the batches, and torch's threads are as before."""
    threads = torch.get_num_threads()
    batches = equal_lengths([3, 2, 2, 1])
    rows = compute(batches, lambda b: np.array([*b, torch.get_num_threads()]), n=2)
    assert [row.tolist() for row in rows] == [[0, 1], [1, 2, 1], [3, 1]]
    assert torch.get_num_threads() == threads


def test_a_container_with_less_than_its_cores_has_fewer_workers(tmp_path: Path) -> None:
    """The time limit of the control group is rounded up to cores; without one there is no limit."""
    file = tmp_path / "cpu.max"
    assert _quota(file) > 1_000
    for said, n in (("150000 100000", 2), ("50000 100000", 1), ("max 100000", 2**31)):
        file.write_text(said)
        assert _quota(file) == n
