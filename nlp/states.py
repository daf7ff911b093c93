"""The names of all states, events, kinds, reasons and roles; Postgres stores their values.

Each is a `StrEnum`, so a member compares, sorts, prints and is stored as its string.
"""

from enum import StrEnum


class TopicStatus(StrEnum):
    """Whether a topic lives."""

    ACTIVE = "active"
    QUIET = "quiet"
    """No message in the window."""
    RETIRED = "retired"
    MERGED = "merged"
    """Its heir replaces it."""


class DayStatus(StrEnum):
    """How a topic's count of one day compares with its expectation."""

    NEW = "new"
    SURGING = "surging"
    GROWING = "growing"
    STEADY = "steady"
    FADING = "fading"
    QUIET = "quiet"


class Event(StrEnum):
    """What happens in the life of a topic, caused by a run or a person."""

    BIRTH = "birth"
    SPLIT = "split"
    MERGE = "merge"
    UNMERGE = "unmerge"
    RENAME = "rename"
    MUTE = "mute"
    UNMUTE = "unmute"
    PROMOTE = "promote"
    NOTE = "note"
    RETIRE = "retire"
    REVIVE = "revive"
    PROPOSE_SPLIT = "propose_split"
    """Clustering found a split; it is made if later days find it again."""
    PROPOSE_MERGE = "propose_merge"
    WAIT = "wait"
    """The alert about a new topic waits until enough customers have written."""


class Action(StrEnum):
    """What a person can decide."""

    RENAME = "rename"
    MERGE = "merge"
    UNMERGE = "unmerge"
    SPLIT = "split"
    MUTE = "mute"
    UNMUTE = "unmute"
    PROMOTE = "promote"
    NOTE = "note"
    CORRECT = "correct"
    ALERT = "alert"
    """The status of an alert."""
    ASSIGN = "assign"
    """Who takes care of an alert."""
    SNOOZE = "snooze"
    """From when on an alert is listed again."""
    COMMENT = "comment"
    """Something said about an alert."""
    DEFINE = "define"
    """A new intent, or a retired one again."""
    DESCRIBE = "describe"
    RETIRE = "retire"
    """An intent is no longer predicted from the next training on."""
    MOVE = "move"
    """An intent's examples and corrections are those of another name."""


ABOUT_ALERTS = (Action.ALERT, Action.ASSIGN, Action.SNOOZE, Action.COMMENT)
"""Actions that leave the topic as it is."""
RUN = "run"
"""The actor where no person acts; no person may have this name."""


class Channel(StrEnum):
    """Where a person decided."""

    PAGE = "page"
    COMMAND_LINE = "command_line"
    API = "api"
    """A script that posts to the page's addresses."""


class LabelSource(StrEnum):
    """Who gave a topic its label; a run never overwrites a person's label."""

    MODEL = "model"
    PERSON = "person"


class AlertKind(StrEnum):
    """What an alert reports."""

    NEW_TOPIC = "new_topic"
    SURGE = "surge"


class AlertStatus(StrEnum):
    """Whether an alert is open."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Severity(StrEnum):
    """How far an alert exceeds the expectation."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Abstention(StrEnum):
    """Why a model abstains."""

    LOW_PROBABILITY = "low_probability"
    AMBIGUOUS = "ambiguous"
    """A runner-up is nearly as likely."""
    OUT_OF_SCOPE = "out_of_scope"
    """Unlike every example."""
    UNSUPPORTED_LANGUAGE = "unsupported_language"
    COLD_START = "cold_start"
    """The model learnt from names and descriptions only."""


class ModelRole(StrEnum):
    """What a model version is for."""

    CHAMPION = "champion"
    """In service."""
    CHALLENGER = "challenger"
    """Waits for approval."""
    RETIRED = "retired"


class ModelDecision(StrEnum):
    """What is decided about a model version."""

    PROMOTE = "promote"
    REJECT = "reject"
    """By a person."""
    REFUSE = "refuse"
    """By the gate."""
    ROLLBACK = "rollback"


class Author(StrEnum):
    """Who wrote a message; what an agent or a bot wrote is context and never counted."""

    CUSTOMER = "customer"
    AGENT = "agent"
    BOT = "bot"


class Kept(StrEnum):
    """The kinds of data that a retention in days can be set for: `TRIAGE_RETAIN_…`."""

    MESSAGES = "messages"
    """Their texts, and what was derived: passages, memberships, predictions, corrections."""
    QUARANTINE = "quarantine"
    PREDICTIONS = "predictions"
    EXAMPLES = "examples"
    """Labelled examples: texts that models learn from."""
    EMBEDDINGS = "embeddings"
    """Of texts that no message of these days has."""
    RUNS = "runs"


class Violation(StrEnum):
    """Why a row is quarantined instead of becoming a message."""

    UNREADABLE_ROW = "unreadable_row"
    """The reader could not parse it."""
    NO_ID = "no_id"
    ID_CONFLICT = "id_conflict"
    """The id is stored already with another text or time."""
    BAD_CREATED_AT = "bad_created_at"
    NO_OFFSET = "no_offset"
    """The time has no offset from UTC."""
    ABSURD_DATE = "absurd_date"
    FUTURE = "future"
    """Created after the day for which it was pulled."""
    EMPTY_TEXT = "empty_text"
    TEXT_NOT_TEXT = "text_not_text"
    TOO_LONG = "too_long"
    BAD_CUSTOMER_ID = "bad_customer_id"
    BAD_CHANNEL = "bad_channel"
    BAD_SUBJECT = "bad_subject"
    BAD_CONVERSATION_ID = "bad_conversation_id"
    BAD_AUTHOR = "bad_author"
    BAD_ATTRIBUTES = "bad_attributes"
    ERASED = "erased"
    """The customer or the message was erased; the row in quarantine shows nothing of it."""


class Subject(StrEnum):
    """What is erased."""

    CUSTOMER = "customer"
    MESSAGE = "message"
    CONVERSATION = "conversation"
    """The messages of an erased customer's conversation that name no customer."""


class Zone(StrEnum):
    """What a part of a message is. Only a customer's own words are embedded and counted."""

    OWN = "own"
    QUOTE = "quote"
    """Earlier mail, with the line or the header that introduces it."""
    GREETING = "greeting"
    CLOSING = "closing"
    SIGNATURE = "signature"
    DISCLAIMER = "disclaimer"
    """Legal and environment notices, and the banners of mail gateways."""
    FORM = "form"
    """The labels of a form, and the values that are data: a name, a number, a choice."""
    MACHINE = "machine"
    """An automatic reply, a bounce, a receipt or an acknowledgement; always a whole message."""
    TURN = "turn"
    """What an agent or a bot wrote; always a whole message."""
