"""Every error of this project: when it arises and how to fix it.

Edges (a task, the command line, a web view) catch `TriageError` and show its one line; nothing
else catches it. A retry may fix a `TransientError`; the others need a change first.
"""


class TriageError(Exception):
    """Base class: the message names the thing, the value and the remedy."""


class TransientError(TriageError):
    """Something outside was not ready; the same call may succeed later."""


class SettingError(TriageError):
    """A setting has a value that is not allowed."""


class PackageError(TriageError):
    """A package that the project needs is not installed."""


class SourceError(TriageError):
    """A source as a whole cannot be read; the message gives its name and the position."""


class SourceMissingError(TransientError):
    """A source has nothing for the day yet (no file matches)."""


class DatabaseError(TriageError):
    """The database cannot be used: no pgvector, another schema version, or missing rights."""


class DatabaseDownError(TransientError):
    """The database cannot be reached."""


class DayOrderError(TransientError):
    """A day was requested before the earlier days that it depends on were finished."""


class PartialDayError(TriageError):
    """A day has no messages, far fewer than usual, or counts that do not add up."""


class EncoderError(TriageError):
    """The encoder cannot be loaded, or does not match what is stored under its name."""


class TrainingError(TriageError):
    """The labelled examples are not enough to train a model."""


class LabelError(TriageError):
    """A label or taxonomy is wrong: an intent that does not exist, or that exists twice."""


class RegistryError(TransientError):
    """The model registry cannot be reached."""


class ModelError(TriageError):
    """A stored model cannot be used: unknown, tampered with, or trained under another encoder."""


class TamperedError(TriageError):
    """What is stored is not what was written: a link of the chain of decisions is broken."""


class LakeError(TransientError):
    """The lake cannot be read or written."""


class BusyError(TransientError):
    """A run is at work on the messages that would be erased; nothing was changed."""


class NotFoundError(TriageError):
    """A person asked for a theme, message or alert that does not exist."""


class DecisionError(TriageError):
    """A person's decision cannot be carried out as requested."""


class ConflictError(DecisionError):
    """Somebody else has decided about the same thing since this person loaded the page."""
