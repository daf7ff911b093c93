-- The board, its trend, and what people were alerted to.

CREATE OR REPLACE VIEW triage.themes AS
WITH latest AS (SELECT max(day) AS day FROM triage.topic_days)
SELECT t.topic_id, t.label, t.label_source, t.keywords, t.status, t.muted, t.born_on,
       d.day, d.n_messages AS n_today, d.expected, d.upper, d.p_value, d.status AS state,
       coalesce(w.n, 0) AS n_week, coalesce(w.n_before, 0) AS n_week_before,
       round(d.n_messages::numeric / nullif(sum(d.n_messages) OVER (), 0), 4) AS share_today,
       a.topic_id AS area_id, a.label AS area
FROM latest
JOIN triage.topic_days d USING (day)
JOIN triage.topics t USING (topic_id)
LEFT JOIN triage.topics l ON l.topic_id = t.area_id
LEFT JOIN triage.topics a ON a.topic_id = coalesce(l.heir_id, l.topic_id)
LEFT JOIN LATERAL (
    SELECT sum(n_messages) FILTER (WHERE x.day > latest.day - 7) AS n,
           sum(n_messages) FILTER (WHERE x.day <= latest.day - 7) AS n_before
    FROM triage.topic_days x
    WHERE x.topic_id = t.topic_id AND x.day > latest.day - 14 AND x.day <= latest.day) w ON true
WHERE t.heir_id IS NULL;
COMMENT ON VIEW triage.themes IS 'The living topics on the last day: today against expected, week on week, share.';
COMMENT ON COLUMN triage.themes.topic_id IS 'The theme; its id is for life.';
COMMENT ON COLUMN triage.themes.label IS 'What a person calls it.';
COMMENT ON COLUMN triage.themes.label_source IS 'model, or person.';
COMMENT ON COLUMN triage.themes.keywords IS 'Words and phrases that set it apart, the strongest first.';
COMMENT ON COLUMN triage.themes.status IS 'active; quiet: no message in the window; retired.';
COMMENT ON COLUMN triage.themes.muted IS 'A person asked for no more alerts about it.';
COMMENT ON COLUMN triage.themes.born_on IS 'The day of its first appearance.';
COMMENT ON COLUMN triage.themes.day IS 'The last day that was discovered.';
COMMENT ON COLUMN triage.themes.n_today IS 'Messages of that day in the theme, as known at its end.';
COMMENT ON COLUMN triage.themes.expected IS 'Expected messages of that day; null while there is too little history.';
COMMENT ON COLUMN triage.themes.upper IS 'Upper bound of what is usual.';
COMMENT ON COLUMN triage.themes.p_value IS 'Probability of so many or more if nothing had changed, told by the messages that lean to the theme, whoever holds them.';
COMMENT ON COLUMN triage.themes.state IS 'new, surging, growing, steady, fading or quiet.';
COMMENT ON COLUMN triage.themes.n_week IS 'Messages of the seven days up to that day.';
COMMENT ON COLUMN triage.themes.n_week_before IS 'Messages of the seven days before those, as known then: a theme that was not born yet has none.';
COMMENT ON COLUMN triage.themes.share_today IS 'Its share of the day''s messages that have a theme, 0..1.';
COMMENT ON COLUMN triage.themes.area_id IS 'The broader area that it lies in: the id of the theme that leads it, perhaps itself.';
COMMENT ON COLUMN triage.themes.area IS 'Label of that theme.';

CREATE OR REPLACE VIEW triage.theme_trend AS
SELECT d.day, h.topic_id, h.label, h.born_on, h.muted,
       sum(d.n_messages) AS n_messages, sum(d.expected) AS expected,
       max(d.status) FILTER (WHERE d.topic_id = h.topic_id) AS state
FROM triage.topic_days d
JOIN triage.topics t USING (topic_id)
JOIN triage.topics h ON h.topic_id = coalesce(t.heir_id, t.topic_id)
GROUP BY d.day, h.topic_id;
COMMENT ON VIEW triage.theme_trend IS 'Messages a theme and day, as known at the end of the day, merges followed.';
COMMENT ON COLUMN triage.theme_trend.day IS 'The day, by arrival.';
COMMENT ON COLUMN triage.theme_trend.topic_id IS 'The theme.';
COMMENT ON COLUMN triage.theme_trend.label IS 'Its label now.';
COMMENT ON COLUMN triage.theme_trend.born_on IS 'The day of its first appearance.';
COMMENT ON COLUMN triage.theme_trend.muted IS 'A person asked for no more alerts about it.';
COMMENT ON COLUMN triage.theme_trend.n_messages IS 'Messages of that day in the theme.';
COMMENT ON COLUMN triage.theme_trend.expected IS 'Expected messages; null while there is too little history.';
COMMENT ON COLUMN triage.theme_trend.state IS 'new, surging, growing, steady, fading or quiet on that day.';

CREATE OR REPLACE VIEW triage.theme_alerts AS
SELECT a.alert_id, a.day, a.kind, h.topic_id, h.label AS theme, h.muted, a.observed, a.expected,
       a.p_value, a.severity, a.status, a.handled_by, a.handled_at
FROM triage.alerts a
JOIN triage.topics t USING (topic_id)
JOIN triage.topics h ON h.topic_id = coalesce(t.heir_id, t.topic_id);
COMMENT ON VIEW triage.theme_alerts IS 'One row an alert with its theme and what became of it, merges followed.';
COMMENT ON COLUMN triage.theme_alerts.alert_id IS 'Day, kind and topic.';
COMMENT ON COLUMN triage.theme_alerts.day IS 'The day it was raised for.';
COMMENT ON COLUMN triage.theme_alerts.kind IS 'new_topic or surge.';
COMMENT ON COLUMN triage.theme_alerts.topic_id IS 'The theme.';
COMMENT ON COLUMN triage.theme_alerts.theme IS 'Its label now.';
COMMENT ON COLUMN triage.theme_alerts.muted IS 'A person asked for no more alerts about it.';
COMMENT ON COLUMN triage.theme_alerts.observed IS 'Messages of that day in the theme.';
COMMENT ON COLUMN triage.theme_alerts.expected IS 'Expected messages; null for a new theme.';
COMMENT ON COLUMN triage.theme_alerts.p_value IS 'Probability of so many or more if nothing had changed, told by the messages that lean to the theme, whoever holds them.';
COMMENT ON COLUMN triage.theme_alerts.severity IS 'high, medium or low.';
COMMENT ON COLUMN triage.theme_alerts.status IS 'open, acknowledged or resolved.';
COMMENT ON COLUMN triage.theme_alerts.handled_by IS 'Who acknowledged or resolved it last.';
COMMENT ON COLUMN triage.theme_alerts.handled_at IS 'When.';
