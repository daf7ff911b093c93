"""The model card: purpose, training data, figures, and who approved the model."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from nlp.records import ModelRecord

_PURPOSE = (
    "Purpose: predict what a customer's message is about, with a calibrated probability, and "
    "abstain where it is unsure. It is not for decisions about a person."
)
_HEAD = "| intent | examples | precision | recall | threshold |\n|---|---|---|---|---|"
_LIMITS = """## Limits

- It knows only the intents below. On a message that fits none it should abstain, but may not.
- It reads redacted text in the languages of the settings, through one encoder.
- Its figures come from labelled examples held out of training; tomorrow's messages may differ.
- Probabilities are calibrated for messages that are in scope."""


def card(
    model: ModelRecord,
    *,
    findings: Sequence[str] = (),
    numbers: Mapping[str, float] = MappingProxyType({}),
    gate: str | None = None,
    decisions: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Return Markdown.

    `numbers` are the config that it was trained with, `gate` is the comparison, `decisions` say who
    decided what and when.
    """
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
        f"Numbers: {', '.join(f'{k} {v:g}' for k, v in numbers.items()) or 'not recorded'}.",
        f"## Figures\n\n| figure | value |\n|---|---|\n{metrics}",
        f"## By intent\n\n{_HEAD}\n{rows or '| none: a cold start | | | | |'}",
        "## Findings in the data\n\n" + ("\n".join(f"- {f}" for f in findings) or "None."),
        f"## Against the model in service\n\n{gate or 'It was the first.'}",
        f"## Decisions\n\n{story or 'None yet: it waits for approval.'}",
        _LIMITS,
    ]
    return "\n\n".join(parts) + "\n"
