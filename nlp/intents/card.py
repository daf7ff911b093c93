"""The model card: what a model is for, what it learnt from, what it reaches, who approved it."""

from collections.abc import Mapping, Sequence
from typing import Any

from nlp.records import ModelRecord

_PURPOSE = (
    "Purpose: tell what a customer's message is about, with a probability that means what it says, "
    "and abstain where it does not know. It is not for decisions about a person."
)
_HEAD = "| intent | examples | precision | recall | threshold |\n|---|---|---|---|---|"
_LIMITS = """## Limits

- It knows the intents below and no other; what fits none should abstain, and some will not.
- It reads redacted text in the languages of the settings, through one encoder.
- Its figures are of labelled examples held out of training, which may differ from tomorrow's mail.
- Probabilities are calibrated for messages that are in scope."""


def card(
    model: ModelRecord,
    *,
    findings: Sequence[str] = (),
    gate: str | None = None,
    decisions: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Return Markdown; `gate` is the comparison, `decisions` who decided what and when."""
    metrics = "\n".join(f"| {k} | {v:.4g} |" for k, v in sorted(model.metrics.items()))
    rows = "\n".join(
        f"| {name} | {f['n_examples']:.0f} | {f['precision']:.3f} | {f['recall']:.3f} | "
        f"{f['threshold']:.3f} |"
        for name, f in sorted(model.intents.items())
    )
    story = "\n".join(
        f"- {d['decision']} by {d['decided_by']}, {d['decided_at']}. {d['detail']}".rstrip()
        for d in decisions
    )
    parts = [
        f"# Intent model {model.version}",
        _PURPOSE,
        "## Data",
        f"{len(model.examples)} labelled texts, snapshot `{model.data_sha256}`.",
        f"Encoder `{model.encoder}`, method `{model.kind}`.",
        f"## Figures\n\n| figure | value |\n|---|---|\n{metrics}",
        f"## By intent\n\n{_HEAD}\n{rows or '| none: a cold start | | | | |'}",
        "## Findings in the data\n\n" + ("\n".join(f"- {f}" for f in findings) or "None."),
        f"## Against the model in service\n\n{gate or 'It was the first.'}",
        f"## Decisions\n\n{story or 'None yet: it waits for approval.'}",
        _LIMITS,
    ]
    return "\n\n".join(parts) + "\n"
