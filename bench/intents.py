"""Measure intents: accuracy, few examples, calibration, out of scope, speed and the service."""

import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench import service
from bench.intent_sets import Sets, draw, out_of_scope, predictions, say, scores
from nlp.intents.model import IntentModel, load
from nlp.intents.training import Trained

_METHOD = """Trained on train, asked about test, once: constants and thresholds are chosen on
training data alone. Names of intents are learnt as examples besides. Out of scope: a quarter of the
intents is held out of training. Coverage at 95% precision is the share of in-scope messages
answered rightly at the threshold where 95% of all answered messages are right. Expected calibration
error has 15 bins. The load average says how many processes wanted a processor: where it is above 2
on two cores, seconds by the clock are too long and rates too low."""
_SEEDS = 5


def whole_sets(sets: Sets) -> list[Trained]:
    """Train on the whole train split, test on the whole test split."""
    say("### All training examples\n")
    say("Seconds to train: by the clock and of the processor.\n")
    say("| set | accuracy | macro-F1 | ECE | clock | processor |")
    say("|---|---|---|---|---|---|")
    models = []
    for name, data, test in (
        ("Banking77", sets.bank, sets.bank_test),
        ("HWU64", sets.home, sets.home_test),
    ):
        clock, busy = time.perf_counter(), time.process_time()
        trained = sets.fit(data)
        clock, busy = time.perf_counter() - clock, time.process_time() - busy
        accuracy, f1, ece = scores(predictions(trained.model, test), test.labels)
        output = f"{accuracy:.4f} | {f1:.4f} | {ece:.4f} | {clock:.0f} | {busy:.0f}"
        say(f"| {name} | {output} |")
        models.append(trained)
    return models


def few(sets: Sets) -> None:
    """Train on a few examples per intent, without and with unlabelled messages."""
    say("\n### Few examples (Banking77, mean of 5 seeds)\n")
    say("With messages: 5,000 of the other training texts, unlabelled, as a team has them.\n")
    say("| examples an intent | examples alone | with messages | each seed |")
    say("|---|---|---|---|")
    for n_each in (10, 5):
        alone, joined = [], []
        for seed in range(_SEEDS):
            rng = np.random.default_rng(seed)
            rows = draw(sets.bank.labels, n_each, rng)
            rest = rng.permutation(np.setdiff1d(np.arange(len(sets.bank.labels)), rows))[:5_000]
            pool = sets.bank.take(rest).inputs
            for into, extra in ((alone, None), (joined, pool)):
                model = sets.fit(sets.bank.take(rows), pool=extra).model
                into.append(scores(predictions(model, sets.bank_test), sets.bank_test.labels)[0])
        each = ", ".join(f"{a:.3f}→{b:.3f}" for a, b in zip(alone, joined, strict=True))
        say(f"| {n_each} | {np.mean(alone):.4f} | {np.mean(joined):.4f} | {each} |")


def scope(sets: Sets) -> None:
    """Hold a quarter of the intents out of training."""
    say("\n### Out of scope (Banking77, a quarter of the intents held out)\n")
    say("| seed | accuracy in scope | ECE in scope | AUROC | coverage at 95% precision |")
    say("|---|---|---|---|---|")
    figures = []
    names = np.array(sorted(set(sets.bank.labels)))
    for seed in range(_SEEDS):
        order = np.random.default_rng(seed).permutation(len(names))
        inside = set(names[order[len(names) // 4 :]].tolist())
        rows = np.flatnonzero([label in inside for label in sets.bank.labels])
        predicted = predictions(sets.fit(sets.bank.take(rows)).model, sets.bank_test)
        auroc, coverage = out_of_scope(predicted, sets.bank_test.labels, inside)
        known = [i for i, label in enumerate(sets.bank_test.labels) if label in inside]
        accuracy, _, ece = scores(
            [predicted[i] for i in known], [sets.bank_test.labels[i] for i in known]
        )
        figures.append((accuracy, ece, auroc, coverage))
        say(f"| {seed} | {accuracy:.4f} | {ece:.4f} | {auroc:.4f} | {coverage:.4f} |")
    mean = np.mean(figures, axis=0)
    say(f"| mean | {mean[0]:.4f} | {mean[1]:.4f} | {mean[2]:.4f} | {mean[3]:.4f} |")


def speed(sets: Sets, model: IntentModel) -> None:
    """Measure loading and predicting with given embeddings, in wall time and in processor time.

    On a busy machine wall time means little: two idle cores need at best half the processor time.
    """
    busy = f"load average {os.getloadavg()[0]:.1f} before it"
    say(f"\n### Speed (Banking77, embeddings given; {busy})\n")
    artefact = model.dump()
    say("| what | by the clock | processor seconds |\n|---|---|---|")
    loads, rates, cores = [], [], []
    for _ in range(5):
        clock = time.perf_counter()
        model = load(artefact)
        predictions(model, sets.bank_test.take(np.arange(1)))
        loads.append(time.perf_counter() - clock)
        clock, busy = time.perf_counter(), time.process_time()
        predictions(model, sets.bank_test)
        rates.append(len(sets.bank_test.labels) / (time.perf_counter() - clock))
        cores.append(time.process_time() - busy)
    size = f"{len(artefact) / 1e6:.1f} MB"
    say(f"| loading the artefact ({size}) and one answer | {np.median(loads):.2f} s | |")
    n = len(sets.bank_test.labels)
    say(
        f"| prediction of {n} messages, median of 5 | {np.median(rates):,.0f} messages/s "
        f"(best {max(rates):,.0f}) | {np.median(cores):.2f} |"
    )


def company(sets: Sets, model: IntentModel) -> None:
    """Measure how much an answer depends on the texts embedded in the same batch."""
    requested = sets.bank_test.take(np.arange(0, len(sets.bank_test.labels), 10))
    alone = np.concatenate([sets.encoder.encode([t]) for t in requested.inputs.texts])
    together = predictions(model, requested)
    apart = predictions(
        model, replace(requested, inputs=replace(requested.inputs, embeddings=alone))
    )
    same = np.mean([a.intent == b.intent for a, b in zip(together, apart, strict=True)])
    gaps = [abs(a.probability - b.probability) for a, b in zip(together, apart, strict=True)]
    say(
        f"\nOf {len(gaps)} test texts, embedded alone instead of among others, {same:.1%} keep "
        f"their intent; the probability moves by {np.median(gaps):.4f} (median), "
        f"{np.max(gaps):.4f} at most. Texts that the batch embedded are answered from its "
        "embedding, where a test holds them to .0001."
    )


def main(data: Path) -> None:
    """Print every part."""
    sets = Sets(data)
    say(f"## Accuracy, calibration, abstention, cost\n\n{_METHOD}\n")
    say(f"Encoder {sets.encoder.name}.\n")
    model = whole_sets(sets)[0].model
    few(sets)
    scope(sets)
    speed(sets, model)
    for row in service.measure(data):
        say(row)
    company(sets, model)
