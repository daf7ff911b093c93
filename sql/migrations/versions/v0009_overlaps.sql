-- A message of two themes counts in both, and once in a total: in that of its first theme.
ALTER TABLE triage.topic_mix ADD COLUMN n_first integer NOT NULL DEFAULT 0;
UPDATE triage.topic_mix SET n_first = n_messages;
COMMENT ON COLUMN triage.topic_mix.n_first IS 'Of those, whose first theme this is: these add up to the messages of the day.';
COMMENT ON COLUMN triage.topic_mix.n_abstained IS 'Of n_first, where the model abstained and no person decided.';

CREATE TABLE triage.topic_overlaps (
    day        date    NOT NULL,
    topic_id   bigint  NOT NULL REFERENCES triage.topics,
    channel    text    NOT NULL,
    intent     text    NOT NULL,
    n_messages integer NOT NULL,
    PRIMARY KEY (day, topic_id, channel, intent)
);
COMMENT ON TABLE  triage.topic_overlaps IS 'Messages that a merged topic shares with its heir, or with another one merged into it: a theme counts them once. Derived from the other tables at each merge.';
COMMENT ON COLUMN triage.topic_overlaps.day IS 'The day, by arrival.';
COMMENT ON COLUMN triage.topic_overlaps.topic_id IS 'The merged topic.';
COMMENT ON COLUMN triage.topic_overlaps.channel IS 'See topic_mix.channel.';
COMMENT ON COLUMN triage.topic_overlaps.intent IS 'See topic_mix.intent.';
COMMENT ON COLUMN triage.topic_overlaps.n_messages IS 'Messages that the theme counts already.';
