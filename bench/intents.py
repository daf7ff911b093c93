"""Measure intents: accuracy, few examples, calibration, out of scope, speed and the service.

Nothing is chosen on test data: every
candidate and constant was chosen by cross-validation on training data. Out of scope: a quarter of
the intents is held out of training. Coverage at 95% precision is the share of in-scope messages
answered rightly at the threshold where 95% of all answered messages are right. Expected
calibration error has 15 bins.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.data import read
from nlp.clean import normalise
from nlp.embed import SentenceEncoder
from nlp.evaluate import spoken
from nlp.intents.confidence import expected_calibration_error
from nlp.intents.data import Inputs
from nlp.intents.model import IntentModel, load
from nlp.intents.training import Trained, train
from nlp.records import Prediction

_SEEDS = 5


@dataclass(frozen=True)
class Labelled:
    """One set, embedded."""

    inputs: Inputs
    labels: list[str]

    def take(self, rows: np.ndarray) -> "Labelled":
        """The texts at `rows`."""
        return Labelled(self.inputs.take(rows), [self.labels[i] for i in rows])


class Bench:
    """The sets with their embeddings, and the report as it grows."""

    def __init__(self, data: Path) -> None:
        self.encoder = SentenceEncoder()
        self.bank = self._set(data, "Banking77 train")
        self.bank_test = self._set(data, "Banking77 test")
        self.home = self._set(data, "HWU64 train")
        self.home_test = self._set(data, "HWU64 test")

    def say(self, line: str = "") -> None:
        """Print a line at once."""
        print(line, flush=True)

    def fit(self, data: Labelled, **options: object) -> Trained:
        """Train as the product does, intent names as descriptions."""
        names = sorted(set(data.labels))
        words = [spoken(n) for n in names]
        rows = self.encoder.encode(words)
        described = {
            n: Inputs([w], rows[i : i + 1])
            for i, (n, w) in enumerate(zip(names, words, strict=True))
        }
        return train(
            data.inputs,
            data.labels,
            described=described,
            encoder=self.encoder.name,
            seed=1,
            **options,
        )

    def _set(self, data: Path, name: str) -> Labelled:
        texts, labels = read(data, name)
        texts = [normalise(t) or t for t in texts]
        return Labelled(Inputs(texts, self.encoder.encode(texts)), labels)


def predictions(model: IntentModel, data: Labelled) -> list[Prediction]:
    """What the model says of every text."""
    return model.predict([str(i) for i in range(len(data.labels))], data.inputs)


def scores(found: Sequence[Prediction], labels: Sequence[str]) -> tuple[float, float, float]:
    """Accuracy, macro-F1, expected calibration error."""
    from sklearn.metrics import f1_score

    guess = [p.intent for p in found]
    right = np.array([g == label for g, label in zip(guess, labels, strict=True)])
    sure = np.array([p.probability for p in found])
    f1 = f1_score(labels, guess, average="macro")
    return float(right.mean()), float(f1), expected_calibration_error(sure, right)


def out_of_scope(
    found: Sequence[Prediction], labels: Sequence[str], inside: set[str]
) -> tuple[float, float]:
    """AUROC of in against out of scope, and coverage at 95% precision."""
    from sklearn.metrics import roc_auc_score

    sure = np.array([p.probability for p in found])
    known = np.array([label in inside for label in labels])
    right = np.array([p.intent == label for p, label in zip(found, labels, strict=True)])
    order = np.argsort(-sure, kind="stable")
    precision = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(precision >= 0.95)
    coverage = right[order[: enough[-1] + 1]].sum() / known.sum() if len(enough) else 0.0
    return float(roc_auc_score(known, sure)), float(coverage)


def whole_sets(bench: Bench) -> None:
    """Trained on all of train, asked about all of test."""
    bench.say("### All training examples\n")
    bench.say("| set | accuracy | macro-F1 | ECE | candidates by cross-validation | training s |")
    bench.say("|---|---|---|---|---|---|")
    for name, data, test in (
        ("Banking77", bench.bank, bench.bank_test),
        ("HWU64", bench.home, bench.home_test),
    ):
        trained = bench.fit(data)
        accuracy, f1, ece = scores(predictions(trained.model, test), test.labels)
        compared = ", ".join(
            f"{k[3:]} {v:.3f}" for k, v in trained.metrics.items() if k.startswith("cv_")
        )
        bench.say(
            f"| {name} | {accuracy:.4f} | {f1:.4f} | {ece:.4f} | {compared} | "
            f"{trained.metrics['seconds']:.0f} |"
        )


def few(bench: Bench) -> None:
    """A few examples an intent, without and with unlabelled messages."""
    bench.say("\n### Few examples (Banking77, mean of 5 seeds)\n")
    bench.say("With messages: 5,000 of the other training texts, unlabelled, as a team has them.\n")
    bench.say("| examples an intent | examples alone | with messages | each seed |")
    bench.say("|---|---|---|---|")
    for n_each in (10, 5):
        alone, joined = [], []
        for seed in range(_SEEDS):
            rng = np.random.default_rng(seed)
            rows = _draw(bench.bank.labels, n_each, rng)
            rest = rng.permutation(np.setdiff1d(np.arange(len(bench.bank.labels)), rows))[:5_000]
            pool = bench.bank.take(rest).inputs
            for into, extra in ((alone, None), (joined, pool)):
                model = bench.fit(bench.bank.take(rows), pool=extra).model
                into.append(scores(predictions(model, bench.bank_test), bench.bank_test.labels)[0])
        each = ", ".join(f"{a:.3f}→{b:.3f}" for a, b in zip(alone, joined, strict=True))
        bench.say(f"| {n_each} | {np.mean(alone):.4f} | {np.mean(joined):.4f} | {each} |")


def _draw(labels: Sequence[str], n_each: int, rng: np.random.Generator) -> np.ndarray:
    array = np.array(labels)
    return np.concatenate(
        [
            rng.choice(np.flatnonzero(array == name), n_each, replace=False)
            for name in sorted(set(labels))
        ]
    )


def scope(bench: Bench) -> None:
    """A quarter of the intents held out of training."""
    bench.say("\n### Out of scope (Banking77, a quarter of the intents held out)\n")
    bench.say("| seed | accuracy in scope | ECE in scope | AUROC | coverage at 95% precision |")
    bench.say("|---|---|---|---|---|")
    figures = []
    names = np.array(sorted(set(bench.bank.labels)))
    for seed in range(_SEEDS):
        order = np.random.default_rng(seed).permutation(len(names))
        inside = set(names[order[len(names) // 4 :]].tolist())
        rows = np.flatnonzero([label in inside for label in bench.bank.labels])
        found = predictions(bench.fit(bench.bank.take(rows)).model, bench.bank_test)
        auroc, coverage = out_of_scope(found, bench.bank_test.labels, inside)
        known = [i for i, label in enumerate(bench.bank_test.labels) if label in inside]
        accuracy, _, ece = scores(
            [found[i] for i in known], [bench.bank_test.labels[i] for i in known]
        )
        figures.append((accuracy, ece, auroc, coverage))
        bench.say(f"| {seed} | {accuracy:.4f} | {ece:.4f} | {auroc:.4f} | {coverage:.4f} |")
    mean = np.mean(figures, axis=0)
    bench.say(f"| mean | {mean[0]:.4f} | {mean[1]:.4f} | {mean[2]:.4f} | {mean[3]:.4f} |")


def speed(bench: Bench) -> None:
    """Time to train, to load and to predict, embeddings given; by the clock and by the processor.

    Where others use the machine, the clock says little: half the processor's seconds are what two
    idle cores need at best.
    """
    bench.say("\n### Speed (Banking77, embeddings given)\n")
    clock, busy = time.perf_counter(), time.process_time()
    trained = bench.fit(bench.bank)
    clock, busy = time.perf_counter() - clock, time.process_time() - busy
    artefact = trained.model.dump()
    bench.say("| what | by the clock | processor seconds |\n|---|---|---|")
    bench.say(f"| training, comparison of candidates included | {clock:.0f} s | {busy:.0f} |")
    loads, rates, cores = [], [], []
    for _ in range(5):
        clock = time.perf_counter()
        model = load(artefact)
        predictions(model, bench.bank_test.take(np.arange(1)))
        loads.append(time.perf_counter() - clock)
        clock, busy = time.perf_counter(), time.process_time()
        predictions(model, bench.bank_test)
        rates.append(len(bench.bank_test.labels) / (time.perf_counter() - clock))
        cores.append(time.process_time() - busy)
    size = f"{len(artefact) / 1e6:.1f} MB"
    bench.say(f"| loading the artefact ({size}) and one answer | {np.median(loads):.2f} s | |")
    n = len(bench.bank_test.labels)
    bench.say(
        f"| prediction of {n} messages, median of 5 | {np.median(rates):,.0f} messages/s "
        f"(best {max(rates):,.0f}) | {np.median(cores):.2f} |"
    )


def main(data: Path) -> None:
    """Print every part."""
    bench = Bench(data)
    print(f"## Intents\n\nEncoder {bench.encoder.name}.\n")
    for part in (whole_sets, few, scope, speed):
        part(bench)
