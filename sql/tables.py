"""SQLAlchemy Core tables that mirror the migrations; a test compares the two."""

from pgvector.sqlalchemy import HALFVEC, VECTOR
from sqlalchemy import (
    REAL,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData(schema="triage")
_id = Uuid(as_uuid=False)
_time = DateTime(timezone=True)

messages = Table(
    "messages",
    metadata,
    Column("message_id", _id, primary_key=True),
    Column("source", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("created_at", _time, nullable=False),
    Column("day", Date, primary_key=True),
    Column("arrived_on", Date, nullable=False),
    Column("text", Text, nullable=False),
    Column("text_hash", _id, nullable=False),
    Column("language", Text, nullable=False),
    Column("entities", ARRAY(Text), nullable=False),
    Column("channel", Text),
    Column("customer_hash", Text),
    Column("attributes", JSONB, nullable=False),
    Column("stored_at", _time, nullable=False),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("source", Text, primary_key=True),
    Column("arrived_on", Date, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("external_id", Text),
    Column("position", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("excerpt", Text, nullable=False),
    Column("quarantined_at", _time, nullable=False),
)

embeddings = Table(
    "embeddings",
    metadata,
    Column("text_hash", _id, primary_key=True),
    Column("encoder", Text, primary_key=True),
    Column("embedding", HALFVEC, nullable=False),
)

topics = Table(
    "topics",
    metadata,
    Column("topic_id", BigInteger, primary_key=True),
    Column("label", Text, nullable=False),
    Column("label_source", Text, nullable=False),
    Column("keywords", ARRAY(Text), nullable=False),
    Column("exemplars", ARRAY(_id), nullable=False),
    Column("status", Text, nullable=False),
    Column("born_on", Date, nullable=False),
    Column("heir_id", BigInteger),
    Column("muted", Boolean, nullable=False),
    Column("updated_on", Date, nullable=False),
    Column("area_id", BigInteger),
)

topic_states = Table(
    "topic_states",
    metadata,
    Column("topic_id", BigInteger, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("centroid", VECTOR, nullable=False),
    Column("radius", REAL, nullable=False),
    Column("size", Integer, nullable=False),
    Column("label", Text, nullable=False),
    Column("keywords", ARRAY(Text), nullable=False),
    Column("exemplars", ARRAY(_id), nullable=False),
    Column("status", Text, nullable=False),
    Column("area_id", BigInteger),
    Column("last_on", Date, nullable=False),
)

topic_assignments = Table(
    "topic_assignments",
    metadata,
    Column("message_id", _id, primary_key=True),
    Column("arrived_on", Date, nullable=False),
    Column("decided_on", Date, primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("topic_id", BigInteger),
    Column("strength", REAL, nullable=False),
)

topic_days = Table(
    "topic_days",
    metadata,
    Column("topic_id", BigInteger, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("n_messages", Integer, nullable=False),
    Column("expected", REAL),
    Column("upper", REAL),
    Column("p_value", Double),
    Column("status", Text, nullable=False),
)

topic_events = Table(
    "topic_events",
    metadata,
    Column("event_id", Text, primary_key=True),
    Column("day", Date, nullable=False),
    Column("event", Text, nullable=False),
    Column("topic_id", BigInteger, nullable=False),
    Column("other_topic_id", BigInteger),
    Column("actor", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("alert_id", Text, primary_key=True),
    Column("day", Date, nullable=False),
    Column("topic_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("observed", Integer, nullable=False),
    Column("expected", REAL),
    Column("p_value", Double),
    Column("severity", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("handled_by", Text),
    Column("handled_at", _time),
    Column("resolved_on", Date),
    Column("sent_at", _time),
)

intents = Table(
    "intents",
    metadata,
    Column("name", Text, primary_key=True),
    Column("description", Text, nullable=False),
    Column("active", Boolean, nullable=False),
)

labelled_examples = Table(
    "labelled_examples",
    metadata,
    Column("text_hash", _id, primary_key=True),
    Column("intent", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("added_at", _time, nullable=False),
)

model_versions = Table(
    "model_versions",
    metadata,
    Column("version", Text, primary_key=True),
    Column("encoder", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("metrics", JSONB, nullable=False),
    Column("gate", JSONB),
    Column("approved_by", Text),
    Column("approved_at", _time),
    Column("artefact", LargeBinary, nullable=False),
    Column("artefact_sha256", Text, nullable=False),
    Column("registry_ref", Text),
    Column("trained_at", _time, nullable=False),
    Column("kind", Text, nullable=False),
    Column("data_sha256", Text),
    Column("examples", JSONB, nullable=False),
    Column("intents", JSONB, nullable=False),
    Column("card", Text, nullable=False),
)

model_decisions = Table(
    "model_decisions",
    metadata,
    Column("decision_id", BigInteger, primary_key=True),
    Column("version", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", _time, nullable=False),
    Column("detail", Text, nullable=False),
)

drift = Table(
    "drift",
    metadata,
    Column("day", Date, primary_key=True),
    Column("messages", REAL, nullable=False),
    Column("confidence", REAL),
    Column("intents", REAL),
    Column("n_messages", Integer, nullable=False),
    Column("n_before", Integer, nullable=False),
    Column("alert", Text, nullable=False),
    Column("measured_at", _time, nullable=False),
    Column("shares", JSONB, nullable=False),
)

intent_predictions = Table(
    "intent_predictions",
    metadata,
    Column("message_id", _id, primary_key=True),
    Column("model_version", Text, primary_key=True),
    Column("day", Date, nullable=False),
    Column("intent", Text),
    Column("probability", REAL, nullable=False),
    Column("runners_up", JSONB, nullable=False),
    Column("abstained", Boolean, nullable=False),
    Column("reason", Text),
)

corrections = Table(
    "corrections",
    metadata,
    Column("correction_id", _id, primary_key=True),
    Column("message_id", _id, nullable=False),
    Column("intent", Text),
    Column("topic_id", BigInteger),
    Column("corrected_by", Text, nullable=False),
    Column("corrected_at", _time, nullable=False),
    Column("note", Text, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("job", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("counts", JSONB, nullable=False),
    Column("seconds", JSONB, nullable=False),
    Column("settings", JSONB, nullable=False),
    Column("code_version", Text, nullable=False),
    Column("stale", Boolean, nullable=False),
    Column("finished_at", _time, nullable=False),
)

decisions = Table(
    "decisions",
    metadata,
    Column("decision_no", BigInteger, primary_key=True),
    Column("decided_at", _time, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("topic_id", BigInteger),
    Column("message_id", _id),
    Column("alert_id", Text),
    Column("was", JSONB, nullable=False),
    Column("became", JSONB, nullable=False),
    Column("undone_by", Text),
    Column("undone_at", _time),
    Column("channel", Text, nullable=False),
)

topic_seeds = Table(
    "topic_seeds",
    metadata,
    Column("topic_id", BigInteger, primary_key=True),
    Column("born_on", Date, nullable=False),
    Column("centroid", VECTOR, nullable=False),
    Column("radius", REAL, nullable=False),
    Column("size", Integer, nullable=False),
    Column("exemplars", ARRAY(_id), nullable=False),
)

topic_mix = Table(
    "topic_mix",
    metadata,
    Column("day", Date, primary_key=True),
    Column("topic_id", BigInteger, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("intent", Text, primary_key=True),
    Column("n_messages", Integer, nullable=False),
    Column("n_abstained", Integer, nullable=False),
)
