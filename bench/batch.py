"""The topics of one batch on labelled sets, and their labels.

ACC is the share of messages that are right under the optimal one-to-one match of topics to intents;
unmatched topics count as wrong. `honest` treats the unclustered messages as one topic, `assigned`
assigns each of them to the nearest topic for the metric only. label@1 is the share of topics whose
label is nearer to the name of their majority intent than to any other intent's name.
"""

import time
from collections import Counter
from pathlib import Path

import numpy as np

from bench.data import SETS, read
from bench.evaluate import batch_scores, label_at_1
from nlp.records import Floats
from nlp.settings import Settings, load
from nlp.text.embed import SentenceEncoder
from nlp.text.own import own_text
from nlp.topics.cluster import cluster
from nlp.topics.config import TopicConfig, topic_config
from nlp.topics.graph import Labels, neighbour_graph
from nlp.topics.words.config import word_config
from nlp.topics.words.describe import describe


def main(data: Path) -> None:
    """Print a row per set, all with the same settings."""
    settings = load()
    encoder = SentenceEncoder()
    print("## Topics, one batch\n\nThe same settings on every set; encoder", encoder.name + ".\n")
    print(
        "| set | ACC / NMI / ARI assigned | honest | coverage | topics / intents "
        "| label@1 | distinct | s cluster, describe |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for name in SETS:
        texts, gold = read(data, name)
        print(_row(name, texts, gold, encoder=encoder, settings=settings), flush=True)


def _row(
    name: str, texts: list[str], gold: list[str], *, encoder: SentenceEncoder, settings: Settings
) -> str:
    vectors = encoder.encode([own_text(t).embedded for t in texts])
    started = time.perf_counter()
    labels_of = _clusters(vectors, topic_config(settings))
    clustered = time.perf_counter()
    config = word_config(settings)
    words = describe(texts, vectors, labels_of, encode=encoder.encode, config=config)
    described = time.perf_counter()
    s = batch_scores(gold, labels_of, vectors)
    intents = np.array(gold)
    majority = [Counter(intents[labels_of == c].tolist()).most_common(1)[0][0] for c in words]
    labels = [d.label for d in words.values()]
    at_1 = label_at_1(labels, majority, gold, encoder.encode)
    distinct = len({label.casefold() for label in labels}) / max(len(labels), 1)
    return (
        f"| {name} | {s.acc_assigned:.3f} / {s.nmi_assigned:.3f} / {s.ari_assigned:.3f} "
        f"| {s.acc:.3f} / {s.nmi:.3f} / {s.ari:.3f} | {s.coverage:.3f} "
        f"| {len(words)} / {len(set(gold))} | {at_1:.3f} | {distinct:.3f} "
        f"| {clustered - started:.1f}, {described - clustered:.1f} |"
    )


def _clusters(vectors: Floats, config: TopicConfig) -> Labels:
    """The cluster of each text (n,), -1 = unclustered, as on the very first day."""
    nobody = [None] * len(vectors)
    size, k = config.sample_size, config.n_nearest
    graph = neighbour_graph(vectors, nobody, sample_size=size, n_nearest=k)
    return cluster(graph, config=config).labels[graph.text_of]
