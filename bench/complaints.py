"""Real complaints with a planted outage, replayed with the command that users run.

`--days N` replays only the first days; all 236 take about half an hour on two cores. NMI counts
unclustered complaints as one theme. k-means has as many clusters as there are themes, on the same
embeddings. Columns of the set with a single value are left out.
"""

import tempfile
from collections.abc import Sequence
from math import isnan
from pathlib import Path

from bench.complaint_scores import (
    UNCLUSTERED,
    OutageScores,
    ThemeScores,
    nmi,
    nmi_of_kmeans,
    outage_scores,
    theme_scores,
)
from bench.complaint_stream import (
    Complaint,
    Planted,
    days_wanted,
    plant_outage,
    read_complaints,
)
from bench.outage import N_COMPLAINTS
from bench.replays import replay
from bench.stream import write_messages
from bench.stream_scores import rows_of
from nlp.records import Floats

_SEED = 0
"""The seed of the outage's days and texts."""
_N_KMEANS = 5
"""Seeds of k-means; the figures are medians."""
_N_LABELS = 20
_COLUMNS = ("issue", "product", "sub_product")


def main(data: Path) -> None:
    """Print the figures and the largest labels."""
    planted = plant_outage(read_complaints(data, n_days=days_wanted()), seed=_SEED)
    with tempfile.TemporaryDirectory(prefix="triage-bench-") as name:
        messages = Path(name, "messages.csv")
        write_messages(planted.stream, messages)
        print_figures(planted, replay(messages, Path(name)))


def print_figures(planted: Planted, out: Path) -> None:
    """Print the section for the exports in `out`."""
    rows = rows_of(out / "assignments.csv")
    themed = [(planted.complaints[int(r["message_id"])], r["topic_id"]) for r in rows]
    complaints = [c for c, _ in themed if c]
    themes = [theme or UNCLUSTERED for c, theme in themed if c]
    scores = theme_scores(themes)
    days = rows_of(out / "run_days.csv")
    seconds = sum(float(day["seconds_total"]) for day in days)
    print("## Topics, on real complaints\n")
    print(f"CFPB 2023, loans: {len(complaints):,} complaints of {len(days)} days.\n")
    print("| what | figure |\n|---|---|")
    for line in [
        *_theme_lines(scores),
        *_nmi_lines(complaints, themes, n_clusters=scores.n_themes),
        *_outage_lines(outage_scores(planted.stream, out)),
        f"| seconds of the replay | {seconds:.0f} |",
    ]:
        print(line)
    print(f"\nThe {_N_LABELS} largest themes: {_labels(out)}.")


def _theme_lines(scores: ThemeScores) -> list[str]:
    return [
        f"| themes | {scores.n_themes} |",
        f"| coverage | {scores.coverage:.3f} |",
        f"| share of the largest theme | {scores.largest:.3f} |",
        f"| share of the three largest | {scores.three_largest:.3f} |",
    ]


def _nmi_lines(
    complaints: Sequence[Complaint], themes: Sequence[str], *, n_clusters: int
) -> list[str]:
    golds = {name: [getattr(c, name) for c in complaints] for name in _COLUMNS}
    golds = {name: values for name, values in golds.items() if len(set(values)) > 1}
    embeddings = _embeddings([c.text for c in complaints])
    by_kmeans = nmi_of_kmeans(embeddings, golds, n_clusters=max(n_clusters, 1), n_seeds=_N_KMEANS)
    return [
        f"| NMI with {name}, that of k-means | {nmi(gold, themes):.3f}, {by_kmeans[name]:.3f} |"
        for name, gold in golds.items()
    ]


def _embeddings(texts: Sequence[str]) -> Floats:
    """Embed texts as a run does (n, d)."""
    from nlp.settings import load
    from nlp.text.clean import clean
    from nlp.text.embed import load_encoder
    from nlp.text.own import own_text
    from nlp.text.redact import Redactor

    settings = load()
    redactor = Redactor(region=settings.redact_region, spacy_model=settings.spacy_model)
    redacted = [redactor.redact(clean(text)).text for text in texts]
    return load_encoder(settings).encode([own_text(text).embedded for text in redacted])


def _outage_lines(scores: OutageScores) -> list[str]:
    day = "never" if isnan(scores.delay) else f"{scores.delay:.0f} days after its start"
    return [
        f"| planted outage, {N_COMPLAINTS} complaints in two weeks: alerted | {day} |",
        f"| it has its own theme at the end | {'yes' if scores.has_own_theme else 'no'} |",
        f"| share of it in its largest theme | {scores.share:.3f} |",
        f"| share of that theme that it is | {scores.purity:.3f} |",
    ]


def _labels(out: Path) -> str:
    topics = sorted(rows_of(out / "topics.csv"), key=lambda t: -int(t["n_messages"]))
    largest = [t for t in topics if int(t["n_messages"])][:_N_LABELS]
    return ", ".join(f"{t['label']} ({int(t['n_messages']):,})" for t in largest)
