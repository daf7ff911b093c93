"""Every error of this project: when it arises and what heals it.

Edges (a task, the command line, a web view) catch `TriageError` and show its one line; nothing
else catches it. `TransientError` is what a retry may heal; all others never heal by themselves.
"""


class TriageError(Exception):
    """The parent of all: its message names the thing, the value and the remedy."""


class TransientError(TriageError):
    """Something outside was not ready; the same call may succeed later."""


class SettingError(TriageError):
    """A setting has a value that is not allowed."""


class SourceError(TriageError):
    """A source as a whole cannot be read; the message gives its name and the position."""


class SourceMissingError(TransientError):
    """A source has nothing for the day yet (no file matches)."""


class DatabaseError(TriageError):
    """The database refuses for good: no pgvector, another schema version, no rights."""


class DatabaseDownError(TransientError):
    """The database cannot be reached."""


class DayOrderError(TransientError):
    """A day was asked for before the days that it stands on were finished."""


class PartialDayError(TriageError):
    """A day holds far fewer messages than such a day does, or none."""


class EncoderError(TriageError):
    """The encoder cannot be loaded, or does not fit what is stored under its name."""


class TrainingError(TriageError):
    """The labelled examples cannot train a model."""


class LabelError(TriageError):
    """A label or taxonomy is wrong: an intent that does not exist, or that exists twice."""


class RegistryError(TransientError):
    """The model registry cannot be reached."""


class ModelError(TriageError):
    """A stored model cannot be used: unknown, tampered with, or trained under another encoder."""


class NotFoundError(TriageError):
    """A person asked for a theme, message or alert that is not there."""


class DecisionError(TriageError):
    """What a person decided cannot be done as it was asked for."""


class ConflictError(DecisionError):
    """Somebody else decided about the same thing since this person looked at it."""
