-- Intent models that are compared, approved, rolled back and watched for drift.

ALTER TABLE triage.model_versions
    ADD COLUMN kind text NOT NULL DEFAULT 'logistic',
    ADD COLUMN data_sha256 text,
    ADD COLUMN examples jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN intents jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN card text NOT NULL DEFAULT '';
COMMENT ON COLUMN triage.model_versions.kind IS 'The candidate that won: kernel, logistic, svm; cold: learnt from descriptions alone.';
COMMENT ON COLUMN triage.model_versions.data_sha256 IS 'Hash of the snapshot of labelled data that it learnt from.';
COMMENT ON COLUMN triage.model_versions.examples IS 'That snapshot without its texts: [[text_hash, intent], …].';
COMMENT ON COLUMN triage.model_versions.intents IS 'Figures an intent on held-out examples: n_examples, precision, recall, threshold.';
COMMENT ON COLUMN triage.model_versions.card IS 'The model card, in Markdown.';

-- Models of the format before cannot be read by this version: they stay as a record only.
UPDATE triage.model_versions SET role = 'retired';

CREATE TABLE triage.model_decisions (
    decision_id bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version     text        NOT NULL REFERENCES triage.model_versions,
    decision    text        NOT NULL CHECK (decision IN ('promote', 'rollback', 'reject', 'refuse')),
    decided_by  text        NOT NULL,
    decided_at  timestamptz NOT NULL DEFAULT now(),
    detail      text        NOT NULL DEFAULT ''
);
COMMENT ON TABLE  triage.model_decisions IS 'What became of each model, in order: who put it into service, back, or kept it out.';
COMMENT ON COLUMN triage.model_decisions.decision_id IS 'Grows with time.';
COMMENT ON COLUMN triage.model_decisions.version IS 'The model.';
COMMENT ON COLUMN triage.model_decisions.decision IS 'promote and rollback put it into service; reject: a person said no; refuse: the gate did.';
COMMENT ON COLUMN triage.model_decisions.decided_by IS 'User name, or gate, or setting.';
COMMENT ON COLUMN triage.model_decisions.decided_at IS 'When.';
COMMENT ON COLUMN triage.model_decisions.detail IS 'Why.';

CREATE TABLE triage.drift (
    day        date    PRIMARY KEY,
    messages   real    NOT NULL,
    confidence real,
    intents    real,
    n_messages integer NOT NULL,
    n_before   integer NOT NULL,
    alert      text    NOT NULL DEFAULT '',
    measured_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE  triage.drift IS 'How far the week that ends on a day moved from the four weeks before it (population stability index).';
COMMENT ON COLUMN triage.drift.day IS 'Last day of the week.';
COMMENT ON COLUMN triage.drift.messages IS 'Of the messages: shares of 20 groups of embeddings.';
COMMENT ON COLUMN triage.drift.confidence IS 'Of the probabilities, in tenths; null where nothing was predicted.';
COMMENT ON COLUMN triage.drift.intents IS 'Of the shares of intents; null where nothing was predicted.';
COMMENT ON COLUMN triage.drift.n_messages IS 'Messages of the week.';
COMMENT ON COLUMN triage.drift.n_before IS 'Messages of the four weeks before.';
COMMENT ON COLUMN triage.drift.alert IS 'The sentence a person should read; empty while all is below the limit.';
COMMENT ON COLUMN triage.drift.measured_at IS 'When it was measured.';
