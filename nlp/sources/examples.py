"""Labelled examples from a file in any of the dialects that messages may have."""

from pathlib import Path

from nlp.errors import SourceError, TriageError
from nlp.records import LabelledExample
from nlp.sources.columns import ALIASES, Columns
from nlp.sources.files import read_rows
from nlp.sources.shape import Shape

_NAMES = {
    "text": "text|utterance|sentence|query|" + "|".join(ALIASES["text"][1:]),
    "intent": "|".join(ALIASES["intent"]),
}
"""Usual names of the columns, the likeliest first."""


def read_examples(
    path: Path, *, text_column: str | None = None, intent_column: str | None = None
) -> tuple[list[LabelledExample], list[str]]:
    """Return the examples of a file, and a sentence for each row that is none.

    Raises TriageError where the file has not the two columns.
    """
    own = {"text": text_column or _NAMES["text"], "intent": intent_column or _NAMES["intent"]}
    shape = Shape(columns=Columns(own, required=("text", "intent"), fields=("text", "intent")))
    examples, problems = [], []
    try:
        with path.open("rb") as file:
            for row in read_rows(file, name=path.name, shape=shape):
                text, intent = row.fields.get("text"), row.fields.get("intent")
                if row.problem:
                    problems.append(f"{row.position}: {row.problem}")
                elif not (isinstance(text, str) and text.strip() and intent not in (None, "")):
                    problems.append(f"{row.position}: the text or the intent is empty")
                else:
                    examples.append(LabelledExample(text, str(intent)))
    except OSError as error:
        raise _none(path, error.strerror or type(error).__name__) from error
    except SourceError as error:
        is_column = "names no column" in str(error)
        reason = "name them by --text-column and --intent-column" if is_column else str(error)
        raise _none(path, reason) from error
    return examples, problems


def _none(path: Path, reason: str) -> TriageError:
    return TriageError(f"{path} is not a CSV with the columns text and intent: {reason}")
