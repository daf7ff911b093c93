-- The data model of customer-support triage, version 1.
-- Every table and column says what it is; `\d+ triage.messages` shows it.

CREATE EXTENSION IF NOT EXISTS vector;

COMMENT ON SCHEMA triage IS 'Customer-support triage: redacted messages, their themes and intents, and what people decided about them.';

-- ---------------------------------------------------------------- messages

CREATE TABLE triage.messages (
    message_id    uuid        NOT NULL,
    source        text        NOT NULL,
    external_id   text        NOT NULL,
    created_at    timestamptz NOT NULL,
    day           date        NOT NULL,
    arrived_on    date        NOT NULL,
    text          text        NOT NULL,
    text_hash     uuid        NOT NULL,
    language      text        NOT NULL,
    entities      text[]      NOT NULL DEFAULT '{}',
    channel       text,
    customer_hash text,
    attributes    jsonb       NOT NULL DEFAULT '{}',
    stored_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (message_id, day)
) PARTITION BY RANGE (day);
CREATE INDEX messages_arrived_on ON triage.messages (arrived_on, text_hash);
CREATE INDEX messages_text_hash ON triage.messages (text_hash);
CREATE INDEX messages_external_id ON triage.messages (external_id);

COMMENT ON TABLE  triage.messages IS 'One customer message, redacted before it came here; partitioned by the month of its day.';
COMMENT ON COLUMN triage.messages.message_id IS 'Derived from source and external_id alone, so that a message pulled again is known again.';
COMMENT ON COLUMN triage.messages.source IS 'Name of the source in the settings.';
COMMENT ON COLUMN triage.messages.external_id IS 'Id of the message in its source.';
COMMENT ON COLUMN triage.messages.created_at IS 'When the customer wrote it.';
COMMENT ON COLUMN triage.messages.day IS 'Date of created_at in the time zone of the settings.';
COMMENT ON COLUMN triage.messages.arrived_on IS 'The day whose run pulled it and counts it; later than day for a late message.';
COMMENT ON COLUMN triage.messages.text IS 'What the customer wrote, personal data replaced by placeholders such as <CARD>.';
COMMENT ON COLUMN triage.messages.text_hash IS 'Hash of the normalised text; equal texts share one embedding.';
COMMENT ON COLUMN triage.messages.language IS 'ISO 639-1 code as given by the source or detected; und where it cannot be told.';
COMMENT ON COLUMN triage.messages.entities IS 'Kinds of personal data that were replaced.';
COMMENT ON COLUMN triage.messages.channel IS 'chat, email, …, as the source names it.';
COMMENT ON COLUMN triage.messages.customer_hash IS 'Keyed hash of the customer id; the id itself is never stored.';
COMMENT ON COLUMN triage.messages.attributes IS 'Flat extra fields of the source, redacted.';
COMMENT ON COLUMN triage.messages.stored_at IS 'When the row was written.';

CREATE FUNCTION triage.ensure_month(some_day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = triage, pg_temp AS $$
DECLARE
    first date := date_trunc('month', some_day);
    name text := 'messages_' || to_char(first, 'YYYY_MM');
BEGIN
    IF to_regclass('triage.' || name) IS NULL THEN
        PERFORM pg_advisory_xact_lock(hashtext('triage.ensure_month'));
        EXECUTE format('CREATE TABLE IF NOT EXISTS triage.%I PARTITION OF triage.messages FOR VALUES FROM (%L) TO (%L)',
                       name, first, first + interval '1 month');
    END IF;
END $$;
COMMENT ON FUNCTION triage.ensure_month(date) IS 'Creates the partition of messages that holds the day, if it is missing.';

CREATE TABLE triage.quarantine (
    source         text        NOT NULL,
    arrived_on     date        NOT NULL,
    seq            integer     NOT NULL,
    external_id    text,
    position       text        NOT NULL,
    reason         text        NOT NULL,
    detail         text        NOT NULL,
    excerpt        text        NOT NULL,
    quarantined_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, arrived_on, seq)
);
CREATE INDEX quarantine_external_id ON triage.quarantine (source, external_id);

COMMENT ON TABLE  triage.quarantine IS 'One row that broke the contract of a message; it leaves when its fixed version is stored.';
COMMENT ON COLUMN triage.quarantine.source IS 'Name of the source.';
COMMENT ON COLUMN triage.quarantine.arrived_on IS 'The day whose run pulled it.';
COMMENT ON COLUMN triage.quarantine.seq IS 'Number of the quarantined row within that pull, from 0.';
COMMENT ON COLUMN triage.quarantine.external_id IS 'Id in its source, where it has one.';
COMMENT ON COLUMN triage.quarantine.position IS 'Where the row stands in the source: file and row.';
COMMENT ON COLUMN triage.quarantine.reason IS 'Short code of what is wrong.';
COMMENT ON COLUMN triage.quarantine.detail IS 'What is wrong, in a sentence.';
COMMENT ON COLUMN triage.quarantine.excerpt IS 'The beginning of the text, redacted.';
COMMENT ON COLUMN triage.quarantine.quarantined_at IS 'When the row was written.';

CREATE TABLE triage.embeddings (
    text_hash uuid    NOT NULL,
    encoder   text    NOT NULL,
    embedding halfvec NOT NULL,
    PRIMARY KEY (encoder, text_hash)
);
COMMENT ON TABLE  triage.embeddings IS 'One distinct normalised text under one encoder.';
COMMENT ON COLUMN triage.embeddings.text_hash IS 'See messages.text_hash.';
COMMENT ON COLUMN triage.embeddings.encoder IS 'Name of the weights and the precision; embeddings of different encoders never mix.';
COMMENT ON COLUMN triage.embeddings.embedding IS 'Vector of length 1.';

-- ------------------------------------------------------------------ topics

CREATE TABLE triage.topics (
    topic_id     bigint  PRIMARY KEY,
    label        text    NOT NULL,
    label_source text    NOT NULL CHECK (label_source IN ('model', 'person')),
    keywords     text[]  NOT NULL,
    exemplars    uuid[]  NOT NULL,
    status       text    NOT NULL CHECK (status IN ('active', 'quiet', 'retired', 'merged')),
    born_on      date    NOT NULL,
    heir_id      bigint  REFERENCES triage.topics,
    muted        boolean NOT NULL DEFAULT false,
    updated_on   date    NOT NULL
);
COMMENT ON TABLE  triage.topics IS 'One topic as it stands now; its id is for life and nothing is deleted.';
COMMENT ON COLUMN triage.topics.topic_id IS 'Day of birth and a number: 20260323001.';
COMMENT ON COLUMN triage.topics.label IS 'What a person calls it; unique among living topics.';
COMMENT ON COLUMN triage.topics.label_source IS 'model, or person: a person''s label is never overwritten.';
COMMENT ON COLUMN triage.topics.keywords IS 'Words and phrases that set it apart, the strongest first.';
COMMENT ON COLUMN triage.topics.exemplars IS 'Messages that show it best, the nearest first.';
COMMENT ON COLUMN triage.topics.status IS 'active; quiet: no message in the window; retired; merged into its heir.';
COMMENT ON COLUMN triage.topics.born_on IS 'The day of its first appearance.';
COMMENT ON COLUMN triage.topics.heir_id IS 'The topic that took over when it was merged.';
COMMENT ON COLUMN triage.topics.muted IS 'A person asked for no more alerts about it.';
COMMENT ON COLUMN triage.topics.updated_on IS 'The day of its latest state.';

CREATE TABLE triage.topic_states (
    topic_id  bigint NOT NULL REFERENCES triage.topics,
    day       date   NOT NULL,
    centroid  vector NOT NULL,
    radius    real   NOT NULL,
    size      integer NOT NULL,
    label     text   NOT NULL,
    keywords  text[] NOT NULL,
    exemplars uuid[] NOT NULL,
    status    text   NOT NULL,
    PRIMARY KEY (day, topic_id)
);
COMMENT ON TABLE  triage.topic_states IS 'One topic as it stood at the end of one day: what the next day starts from.';
COMMENT ON COLUMN triage.topic_states.topic_id IS 'The topic.';
COMMENT ON COLUMN triage.topic_states.day IS 'The day at whose end this was so.';
COMMENT ON COLUMN triage.topic_states.centroid IS 'Mean direction of its messages, length 1.';
COMMENT ON COLUMN triage.topic_states.radius IS 'Least cosine similarity to the centroid at which a message still belongs.';
COMMENT ON COLUMN triage.topic_states.size IS 'Messages of the window that belonged to it.';
COMMENT ON COLUMN triage.topic_states.label IS 'The label that the model gave it.';
COMMENT ON COLUMN triage.topic_states.keywords IS 'See topics.keywords.';
COMMENT ON COLUMN triage.topic_states.exemplars IS 'See topics.exemplars.';
COMMENT ON COLUMN triage.topic_states.status IS 'active or quiet.';

CREATE TABLE triage.topic_assignments (
    message_id uuid   NOT NULL,
    arrived_on date   NOT NULL,
    decided_on date   NOT NULL,
    stage      text   NOT NULL CHECK (stage IN ('assign', 'discover')),
    topic_id   bigint REFERENCES triage.topics,
    strength   real   NOT NULL,
    PRIMARY KEY (message_id, decided_on, stage)
);
CREATE INDEX topic_assignments_arrived_on ON triage.topic_assignments (arrived_on);
CREATE INDEX topic_assignments_decided_on ON triage.topic_assignments (decided_on);
CREATE INDEX topic_assignments_topic_id ON triage.topic_assignments (topic_id, arrived_on);
COMMENT ON TABLE  triage.topic_assignments IS 'One decision which topic a message belongs to; the latest holds, the history is kept.';
COMMENT ON COLUMN triage.topic_assignments.message_id IS 'The message.';
COMMENT ON COLUMN triage.topic_assignments.arrived_on IS 'See messages.arrived_on.';
COMMENT ON COLUMN triage.topic_assignments.decided_on IS 'The day whose run decided it.';
COMMENT ON COLUMN triage.topic_assignments.stage IS 'assign: against the topics of the eve; discover: by the clustering of that day, which comes after.';
COMMENT ON COLUMN triage.topic_assignments.topic_id IS 'The topic; null = unclustered.';
COMMENT ON COLUMN triage.topic_assignments.strength IS '0..1, how well it fits; 0 where unclustered.';

CREATE TABLE triage.topic_days (
    topic_id   bigint  NOT NULL REFERENCES triage.topics,
    day        date    NOT NULL,
    n_messages integer NOT NULL,
    expected   real,
    upper      real,
    p_value    double precision,
    status     text    NOT NULL,
    PRIMARY KEY (day, topic_id)
);
CREATE INDEX topic_days_topic_id ON triage.topic_days (topic_id, day);
COMMENT ON TABLE  triage.topic_days IS 'One topic on one day: what came against what was to be expected.';
COMMENT ON COLUMN triage.topic_days.topic_id IS 'The topic.';
COMMENT ON COLUMN triage.topic_days.day IS 'The day, by arrival.';
COMMENT ON COLUMN triage.topic_days.n_messages IS 'Messages of that day in the topic, as known at its end.';
COMMENT ON COLUMN triage.topic_days.expected IS 'Expected messages; null while there is too little history.';
COMMENT ON COLUMN triage.topic_days.upper IS 'Upper bound of what is usual.';
COMMENT ON COLUMN triage.topic_days.p_value IS 'Probability of so many or more if nothing had changed.';
COMMENT ON COLUMN triage.topic_days.status IS 'new, surging, growing, steady, fading or quiet.';

CREATE TABLE triage.topic_events (
    event_id       text   PRIMARY KEY,
    day            date   NOT NULL,
    event          text   NOT NULL CHECK (event IN ('birth', 'merge', 'split', 'rename', 'mute', 'unmute', 'promote', 'note', 'retire', 'revive')),
    topic_id       bigint NOT NULL REFERENCES triage.topics,
    other_topic_id bigint REFERENCES triage.topics,
    actor          text   NOT NULL,
    detail         text   NOT NULL
);
CREATE INDEX topic_events_topic_id ON triage.topic_events (topic_id, day);
CREATE INDEX topic_events_day ON triage.topic_events (day);
COMMENT ON TABLE  triage.topic_events IS 'One event in the life of a topic.';
COMMENT ON COLUMN triage.topic_events.event_id IS 'Day and number for a run''s events, a UUID for a person''s.';
COMMENT ON COLUMN triage.topic_events.day IS 'The day it happened.';
COMMENT ON COLUMN triage.topic_events.event IS 'What happened.';
COMMENT ON COLUMN triage.topic_events.topic_id IS 'The topic.';
COMMENT ON COLUMN triage.topic_events.other_topic_id IS 'The heir of a merge, the parent of a split.';
COMMENT ON COLUMN triage.topic_events.actor IS 'run, or the person''s user name.';
COMMENT ON COLUMN triage.topic_events.detail IS 'Why, with the evidence.';

CREATE TABLE triage.alerts (
    alert_id   text    PRIMARY KEY,
    day        date    NOT NULL,
    topic_id   bigint  NOT NULL REFERENCES triage.topics,
    kind       text    NOT NULL CHECK (kind IN ('new_topic', 'surge')),
    observed   integer NOT NULL,
    expected   real,
    p_value    double precision,
    severity   text    NOT NULL CHECK (severity IN ('high', 'medium', 'low')),
    status     text    NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'acknowledged', 'resolved')),
    handled_by text,
    handled_at timestamptz
);
CREATE INDEX alerts_day ON triage.alerts (day);
COMMENT ON TABLE  triage.alerts IS 'Something a person should look at.';
COMMENT ON COLUMN triage.alerts.alert_id IS 'Day, kind and topic: a repeated run finds the same alert again.';
COMMENT ON COLUMN triage.alerts.day IS 'The day it was raised for.';
COMMENT ON COLUMN triage.alerts.topic_id IS 'The topic.';
COMMENT ON COLUMN triage.alerts.kind IS 'new_topic or surge.';
COMMENT ON COLUMN triage.alerts.observed IS 'Messages of that day in the topic.';
COMMENT ON COLUMN triage.alerts.expected IS 'Expected messages.';
COMMENT ON COLUMN triage.alerts.p_value IS 'See topic_days.p_value.';
COMMENT ON COLUMN triage.alerts.severity IS 'high, medium or low.';
COMMENT ON COLUMN triage.alerts.status IS 'open, acknowledged or resolved.';
COMMENT ON COLUMN triage.alerts.handled_by IS 'Who acknowledged or resolved it last.';
COMMENT ON COLUMN triage.alerts.handled_at IS 'When.';

-- ----------------------------------------------------------------- intents

CREATE TABLE triage.intents (
    name        text    PRIMARY KEY,
    description text    NOT NULL DEFAULT '',
    active      boolean NOT NULL DEFAULT true
);
COMMENT ON TABLE  triage.intents IS 'The taxonomy of intents.';
COMMENT ON COLUMN triage.intents.name IS 'Name as models predict it.';
COMMENT ON COLUMN triage.intents.description IS 'What it covers.';
COMMENT ON COLUMN triage.intents.active IS 'Whether new models are trained on it.';

CREATE TABLE triage.labelled_examples (
    text_hash uuid        NOT NULL,
    intent    text        NOT NULL REFERENCES triage.intents,
    text      text        NOT NULL,
    origin    text        NOT NULL,
    added_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (text_hash, intent)
);
COMMENT ON TABLE  triage.labelled_examples IS 'One redacted text with its intent.';
COMMENT ON COLUMN triage.labelled_examples.text_hash IS 'Hash of the normalised text.';
COMMENT ON COLUMN triage.labelled_examples.intent IS 'Its intent.';
COMMENT ON COLUMN triage.labelled_examples.text IS 'The redacted text.';
COMMENT ON COLUMN triage.labelled_examples.origin IS 'Where the label came from: a file, a correction, a promotion.';
COMMENT ON COLUMN triage.labelled_examples.added_at IS 'When it was added.';

CREATE TABLE triage.model_versions (
    version         text        PRIMARY KEY,
    encoder         text        NOT NULL,
    role            text        NOT NULL CHECK (role IN ('champion', 'challenger', 'retired')),
    metrics         jsonb       NOT NULL,
    gate            jsonb,
    approved_by     text,
    approved_at     timestamptz,
    artefact        bytea       NOT NULL,
    artefact_sha256 text        NOT NULL,
    registry_ref    text,
    trained_at      timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX model_versions_one_champion ON triage.model_versions (role) WHERE role = 'champion';
COMMENT ON TABLE  triage.model_versions IS 'One trained intent model.';
COMMENT ON COLUMN triage.model_versions.version IS 'Hash of its data, encoder and settings.';
COMMENT ON COLUMN triage.model_versions.encoder IS 'The encoder whose embeddings it reads.';
COMMENT ON COLUMN triage.model_versions.role IS 'champion: in service; challenger: waits for approval; retired.';
COMMENT ON COLUMN triage.model_versions.metrics IS 'Figures on held-out examples.';
COMMENT ON COLUMN triage.model_versions.gate IS 'What the gate compared and decided.';
COMMENT ON COLUMN triage.model_versions.approved_by IS 'Who approved it.';
COMMENT ON COLUMN triage.model_versions.approved_at IS 'When.';
COMMENT ON COLUMN triage.model_versions.artefact IS 'The weights, arrays only, no code.';
COMMENT ON COLUMN triage.model_versions.artefact_sha256 IS 'Checksum of artefact, checked at every load.';
COMMENT ON COLUMN triage.model_versions.registry_ref IS 'Its name in the model registry, where there is one.';
COMMENT ON COLUMN triage.model_versions.trained_at IS 'When it was stored.';

CREATE TABLE triage.intent_predictions (
    message_id    uuid    NOT NULL,
    model_version text    NOT NULL REFERENCES triage.model_versions,
    day           date    NOT NULL,
    intent        text,
    probability   real    NOT NULL,
    runners_up    jsonb   NOT NULL,
    abstained     boolean NOT NULL,
    reason        text,
    PRIMARY KEY (message_id, model_version)
);
CREATE INDEX intent_predictions_day ON triage.intent_predictions (day, intent);
COMMENT ON TABLE  triage.intent_predictions IS 'What one model version says of one message.';
COMMENT ON COLUMN triage.intent_predictions.message_id IS 'The message.';
COMMENT ON COLUMN triage.intent_predictions.model_version IS 'The model.';
COMMENT ON COLUMN triage.intent_predictions.day IS 'See messages.arrived_on.';
COMMENT ON COLUMN triage.intent_predictions.intent IS 'The best guess, also when it abstained; null for an unsupported language.';
COMMENT ON COLUMN triage.intent_predictions.probability IS 'Calibrated probability of the best guess.';
COMMENT ON COLUMN triage.intent_predictions.runners_up IS 'The next best: [[intent, probability], …].';
COMMENT ON COLUMN triage.intent_predictions.abstained IS 'True: do not act on the guess.';
COMMENT ON COLUMN triage.intent_predictions.reason IS 'Why it abstained: low_probability, unsupported_language.';

CREATE TABLE triage.corrections (
    correction_id uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    message_id    uuid        NOT NULL,
    intent        text        REFERENCES triage.intents,
    topic_id      bigint      REFERENCES triage.topics,
    corrected_by  text        NOT NULL,
    corrected_at  timestamptz NOT NULL DEFAULT now(),
    note          text        NOT NULL DEFAULT '',
    CHECK (intent IS NOT NULL OR topic_id IS NOT NULL)
);
CREATE INDEX corrections_message_id ON triage.corrections (message_id, corrected_at);
COMMENT ON TABLE  triage.corrections IS 'One human decision about one message; it outranks every prediction.';
COMMENT ON COLUMN triage.corrections.correction_id IS 'Its id.';
COMMENT ON COLUMN triage.corrections.message_id IS 'The message.';
COMMENT ON COLUMN triage.corrections.intent IS 'The right intent, where that was corrected.';
COMMENT ON COLUMN triage.corrections.topic_id IS 'The right topic, where that was corrected.';
COMMENT ON COLUMN triage.corrections.corrected_by IS 'Who decided.';
COMMENT ON COLUMN triage.corrections.corrected_at IS 'When; the latest holds.';
COMMENT ON COLUMN triage.corrections.note IS 'Why.';

-- -------------------------------------------------------------------- runs

CREATE TABLE triage.runs (
    job          text        NOT NULL,
    day          date        NOT NULL,
    counts       jsonb       NOT NULL,
    seconds      jsonb       NOT NULL,
    settings     jsonb       NOT NULL,
    code_version text        NOT NULL,
    stale        boolean     NOT NULL DEFAULT false,
    finished_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (day, job)
);
COMMENT ON TABLE  triage.runs IS 'One job on one day, as it last finished.';
COMMENT ON COLUMN triage.runs.job IS 'ingest:SOURCE, embed:SHARD, predict, assign or discover.';
COMMENT ON COLUMN triage.runs.day IS 'The day.';
COMMENT ON COLUMN triage.runs.counts IS 'Rows in and out.';
COMMENT ON COLUMN triage.runs.seconds IS 'Seconds a stage.';
COMMENT ON COLUMN triage.runs.settings IS 'The settings that shape its result; no secret.';
COMMENT ON COLUMN triage.runs.code_version IS 'Version of this project.';
COMMENT ON COLUMN triage.runs.stale IS 'An earlier day was run again since: this day should follow.';
COMMENT ON COLUMN triage.runs.finished_at IS 'When it finished.';
