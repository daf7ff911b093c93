-- The figures of the themes, and the alerts. Merges are followed: a theme counts the messages of
-- the topics merged into it. The page, its files, its API and `triage themes` read these views.

-- A theme rises no more on a day on which a person split off what rose, until that is undone.
CREATE OR REPLACE VIEW triage.theme_days AS
SELECT d.day, h.heir_id AS topic_id, d.n_messages - coalesce(o.n_messages, 0)::int AS n_messages,
       d.expected, d.upper, d.p_value,
       CASE WHEN d.topic_id <> h.heir_id THEN NULL
            WHEN d.status IN ('surging', 'growing') AND d.n_messages <= d.upper AND EXISTS (
                SELECT FROM triage.topic_events e JOIN triage.heirs part
                  ON part.topic_id = e.other_topic_id AND part.heir_id <> d.topic_id
                WHERE e.topic_id = d.topic_id AND e.event = 'split' AND e.actor <> 'run'
                  AND e.day >= d.day) THEN 'steady'
            ELSE d.status END AS state
FROM triage.topic_days d JOIN triage.heirs h USING (topic_id)
LEFT JOIN (SELECT day, topic_id, sum(n_messages) AS n_messages
           FROM triage.topic_overlaps GROUP BY 1, 2) o USING (day, topic_id);
COMMENT ON VIEW triage.theme_days IS 'Messages per topic and day, as known at the end of the day, corrections included, merges followed: a merged topic has a row of its own next to that of its theme, to be added up, as theme_trend and themes do.';
COMMENT ON COLUMN triage.theme_days.day IS 'The day, by arrival.';
COMMENT ON COLUMN triage.theme_days.topic_id IS 'The theme.';
COMMENT ON COLUMN triage.theme_days.n_messages IS 'Messages of that day; in the row of a merged topic without those that the theme counts already.';
COMMENT ON COLUMN triage.theme_days.expected IS 'Expected messages; null while there is too little history.';
COMMENT ON COLUMN triage.theme_days.upper IS 'Upper bound of what is usual.';
COMMENT ON COLUMN triage.theme_days.p_value IS 'Probability of so many or more if nothing had changed.';
COMMENT ON COLUMN triage.theme_days.state IS 'new, surging, growing, steady, fading or quiet; null in the row of a merged topic.';

CREATE OR REPLACE VIEW triage.theme_trend AS
SELECT d.day, t.topic_id, t.label, t.born_on, t.muted, sum(d.n_messages)::int AS n_messages,
       (SELECT count(DISTINCT c.customer)::int FROM triage.theme_customers c
        WHERE c.topic_id = t.topic_id AND c.day = d.day) AS n_customers,
       sum(d.expected)::float8 AS expected, sum(d.upper)::float8 AS upper,
       CASE WHEN count(*) = 1 THEN max(d.p_value) END AS p_value, max(d.state) AS state
FROM triage.theme_days d JOIN triage.topics t USING (topic_id)
GROUP BY d.day, t.topic_id;
COMMENT ON VIEW triage.theme_trend IS 'Messages per theme and day, as known at the end of the day, corrections included, merges followed.';
COMMENT ON COLUMN triage.theme_trend.day IS 'The day, by arrival.';
COMMENT ON COLUMN triage.theme_trend.topic_id IS 'The theme.';
COMMENT ON COLUMN triage.theme_trend.label IS 'Its label now.';
COMMENT ON COLUMN triage.theme_trend.born_on IS 'The day of its first appearance.';
COMMENT ON COLUMN triage.theme_trend.muted IS 'A person asked for no more alerts about it.';
COMMENT ON COLUMN triage.theme_trend.n_messages IS 'Messages of that day in the theme.';
COMMENT ON COLUMN triage.theme_trend.n_customers IS 'Distinct customers who wrote them; does not add up over days or themes. A message without a customer id counts as a customer of its own.';
COMMENT ON COLUMN triage.theme_trend.expected IS 'Expected messages; null while there is too little history.';
COMMENT ON COLUMN triage.theme_trend.upper IS 'Upper bound of what is usual; the sum, and so a little wide, where topics were merged.';
COMMENT ON COLUMN triage.theme_trend.p_value IS 'Probability of so many or more if nothing had changed, from the messages that lean to the theme, whichever theme they are in; null while unknown, and on days that also count a merged topic.';
COMMENT ON COLUMN triage.theme_trend.state IS 'new, surging, growing, steady, fading or quiet on that day; null on a day that only counts a merged topic.';

CREATE OR REPLACE VIEW triage.theme_mix AS
SELECT m.day, h.heir_id AS topic_id, nullif(m.channel, '') AS channel,
       nullif(m.intent, '') AS intent, m.n_messages - coalesce(o.n_messages, 0) AS n_messages,
       m.n_first, m.n_abstained
FROM triage.topic_mix m LEFT JOIN triage.heirs h USING (topic_id)
LEFT JOIN triage.topic_overlaps o USING (day, topic_id, channel, intent);
COMMENT ON VIEW triage.theme_mix IS 'Messages by day, theme, channel and intent, as known at the end of the day, corrections included, merges followed: a merged topic has rows of its own next to those of its theme, to be added up.';
COMMENT ON COLUMN triage.theme_mix.day IS 'The day, by arrival.';
COMMENT ON COLUMN triage.theme_mix.topic_id IS 'The theme; null = unclustered.';
COMMENT ON COLUMN triage.theme_mix.channel IS 'The channel; null where the source names none.';
COMMENT ON COLUMN triage.theme_mix.intent IS 'The best guess or the correction; null where no model predicted one.';
COMMENT ON COLUMN triage.theme_mix.n_messages IS 'Messages; one of two themes counts in both.';
COMMENT ON COLUMN triage.theme_mix.n_first IS 'Of those, whose first theme this is: these add up to the messages of the day.';
COMMENT ON COLUMN triage.theme_mix.n_abstained IS 'Of n_first, where the model abstained and no person decided.';

-- Wherever the day limits a view, it is a scalar and limits it on both sides: the planner then
-- expects few rows and reads only those weeks. Customers are counted only for the rows asked for.
CREATE OR REPLACE VIEW triage.themes AS
WITH latest AS (SELECT coalesce(nullif(current_setting('triage.as_of', true), '')::date,
                                (SELECT max(day) FROM triage.topic_days)) AS day),
recent AS (
    SELECT d.*, (SELECT day FROM latest) - d.day AS age FROM triage.theme_days d
    WHERE d.day > (SELECT day FROM latest) - 14 AND d.day <= (SELECT day FROM latest)),
weeks AS (
    SELECT topic_id, (sum(n_messages) FILTER (WHERE age = 0))::int AS n_today,
           (sum(expected) FILTER (WHERE age = 0))::float8 AS expected,
           (sum(upper) FILTER (WHERE age = 0))::float8 AS upper,
           CASE WHEN count(*) FILTER (WHERE age = 0) = 1
                THEN max(p_value) FILTER (WHERE age = 0) END AS p_value,
           max(state) FILTER (WHERE age = 0) AS state,
           (sum(n_messages) FILTER (WHERE age < 7))::int AS n_week,
           coalesce(sum(n_messages) FILTER (WHERE age >= 7), 0)::int AS n_week_before,
           coalesce(sum(n_messages) FILTER (WHERE age = 7), 0)::int AS n_day_before
    FROM recent GROUP BY topic_id),
intents AS (
    SELECT topic_id, intent, sum(n_first) AS n FROM triage.theme_mix
    WHERE day > (SELECT day FROM latest) - 7 AND day <= (SELECT day FROM latest)
      AND intent IS NOT NULL GROUP BY 1, 2),
main AS (
    SELECT DISTINCT ON (topic_id) topic_id, intent FROM intents ORDER BY topic_id, n DESC, intent),
living AS (
    SELECT t.topic_id, t.label, t.label_source, t.keywords, t.status, t.muted, t.born_on,
           w.n_today, w.expected, w.upper, w.p_value, w.state, w.n_week, w.n_week_before, w.n_day_before,
           main.intent, a.heir_id AS area_id,
           w.n_today::float8 / nullif((
               SELECT sum(n_first) FROM triage.theme_mix
               WHERE day = (SELECT day FROM latest) AND topic_id IS NOT NULL), 0) AS share_today,
           (count(*) OVER area)::int AS area_size, (sum(w.n_week) OVER area)::int AS area_week
    FROM weeks w JOIN triage.topics t USING (topic_id)
    LEFT JOIN main USING (topic_id) LEFT JOIN triage.heirs a ON a.topic_id = t.area_id
    WHERE w.state IS NOT NULL
    WINDOW area AS (PARTITION BY a.heir_id))
SELECT l.topic_id, l.label, l.label_source, l.keywords, l.status, l.muted, l.born_on,
       (SELECT day FROM latest) AS day, l.n_today,
       (SELECT count(DISTINCT c.customer)::int FROM triage.theme_customers c
        WHERE c.topic_id = l.topic_id AND c.day = (SELECT day FROM latest)) AS n_customers_today,
       l.expected, l.upper, l.p_value,
       CASE WHEN l.muted THEN 'muted' ELSE l.state END AS state, l.n_week,
       (SELECT count(DISTINCT c.customer)::int FROM triage.theme_customers c
        WHERE c.topic_id = l.topic_id AND c.day > (SELECT day FROM latest) - 7
          AND c.day <= (SELECT day FROM latest)) AS n_customers_week,
       l.n_week_before,
       l.share_today, l.intent, l.area_id, a.label AS area,
       CASE WHEN a.topic_id IS NOT NULL THEN l.area_size END AS area_size,
       CASE WHEN a.topic_id IS NOT NULL THEN l.area_week END AS area_week,
       l.n_day_before
FROM living l LEFT JOIN triage.topics a ON a.topic_id = l.area_id AND l.area_size > 1;
COMMENT ON COLUMN triage.themes.n_day_before IS 'Messages of the same weekday a week before, as known then.';
COMMENT ON VIEW triage.themes IS 'The living themes on the last day, or as of the day that the setting triage.as_of names: today against expected, week on week, share; merges followed.';
COMMENT ON COLUMN triage.themes.topic_id IS 'The theme; its id is for life.';
COMMENT ON COLUMN triage.themes.label IS 'Its name: a phrase of its messages, or what a person called it.';
COMMENT ON COLUMN triage.themes.label_source IS 'model, or person.';
COMMENT ON COLUMN triage.themes.keywords IS 'Words and phrases that distinguish it, the strongest first.';
COMMENT ON COLUMN triage.themes.status IS 'active; quiet: no message in the window; retired.';
COMMENT ON COLUMN triage.themes.muted IS 'A person asked for no more alerts about it.';
COMMENT ON COLUMN triage.themes.born_on IS 'The day of its first appearance.';
COMMENT ON COLUMN triage.themes.day IS 'The last day that was discovered.';
COMMENT ON COLUMN triage.themes.n_today IS 'Messages of that day in the theme, as known at its end.';
COMMENT ON COLUMN triage.themes.expected IS 'Expected messages of that day; null while there is too little history.';
COMMENT ON COLUMN triage.themes.upper IS 'Upper bound of what is usual; the sum, and so a little wide, where topics were merged.';
COMMENT ON COLUMN triage.themes.p_value IS 'See theme_trend.p_value.';
COMMENT ON COLUMN triage.themes.state IS 'new, surging, growing, steady, fading or quiet; muted where a person muted it (theme_trend then has its state).';
COMMENT ON COLUMN triage.themes.n_week IS 'Messages of the seven days up to that day.';
COMMENT ON COLUMN triage.themes.n_customers_today IS 'Distinct customers who wrote the messages of that day; a message without a customer id counts as a customer of its own.';
COMMENT ON COLUMN triage.themes.n_customers_week IS 'Distinct customers of the seven days: who wrote on two of them counts once.';
COMMENT ON COLUMN triage.themes.n_week_before IS 'Messages of the seven days before those, as known then: a theme that was not born yet has none but those of topics merged into it.';
COMMENT ON COLUMN triage.themes.share_today IS 'Its share of the day''s messages that have a theme, 0..1; the shares of all themes can add up to more than 1, because a message can have two.';
COMMENT ON COLUMN triage.themes.intent IS 'The intent of most of its messages of seven days; null where none was predicted.';
COMMENT ON COLUMN triage.themes.area_id IS 'Its area: the id of the theme that leads the area, which may be itself.';
COMMENT ON COLUMN triage.themes.area IS 'Label of that theme; null where it is alone in its area.';
COMMENT ON COLUMN triage.themes.area_size IS 'Themes in the area; null where it is alone.';
COMMENT ON COLUMN triage.themes.area_week IS 'Messages of the seven days in the area; null where it is alone.';

CREATE OR REPLACE VIEW triage.theme_alerts AS
SELECT a.alert_id, a.day, a.kind, t.topic_id, t.label AS theme, t.muted, a.observed, a.n_customers,
       a.expected, a.p_value, a.severity, a.status, a.handled_by, a.handled_at,
       a.segment_name, a.segment_value, a.segment_n, a.segment_of, a.segment_days, a.segment_usual,
       a.assigned_to, a.snoozed_until
FROM triage.alerts a
JOIN triage.heirs h USING (topic_id)
JOIN triage.topics t ON t.topic_id = h.heir_id;
COMMENT ON VIEW triage.theme_alerts IS 'One row per alert with its theme and its status, merges followed.';
COMMENT ON COLUMN triage.theme_alerts.alert_id IS 'Day, kind and topic.';
COMMENT ON COLUMN triage.theme_alerts.day IS 'The day it was raised for.';
COMMENT ON COLUMN triage.theme_alerts.kind IS 'new_topic or surge.';
COMMENT ON COLUMN triage.theme_alerts.topic_id IS 'The theme.';
COMMENT ON COLUMN triage.theme_alerts.theme IS 'Its label now.';
COMMENT ON COLUMN triage.theme_alerts.muted IS 'A person asked for no more alerts about it.';
COMMENT ON COLUMN triage.theme_alerts.observed IS 'Messages of that day in the topic, as the run counted them.';
COMMENT ON COLUMN triage.theme_alerts.n_customers IS 'Distinct customers who wrote them, as the run counted them; null where it did not.';
COMMENT ON COLUMN triage.theme_alerts.expected IS 'Expected messages; null for a new theme.';
COMMENT ON COLUMN triage.theme_alerts.p_value IS 'Probability of so many or more if nothing had changed, from the messages that lean to the theme, whichever theme they are in.';
COMMENT ON COLUMN triage.theme_alerts.severity IS 'high, medium or low.';
COMMENT ON COLUMN triage.theme_alerts.status IS 'open, acknowledged or resolved.';
COMMENT ON COLUMN triage.theme_alerts.handled_by IS 'Who acknowledged or resolved it last.';
COMMENT ON COLUMN triage.theme_alerts.handled_at IS 'When.';
COMMENT ON COLUMN triage.theme_alerts.segment_name IS 'The attribute whose one value rises, as app_version; null where all messages do.';
COMMENT ON COLUMN triage.theme_alerts.segment_value IS 'That value.';
COMMENT ON COLUMN triage.theme_alerts.segment_n IS 'Messages of the topic that have it, on the one to three last days that show it.';
COMMENT ON COLUMN triage.theme_alerts.segment_of IS 'Messages of the topic that have any value of the attribute, on the same days.';
COMMENT ON COLUMN triage.theme_alerts.segment_days IS 'How many days these are, the day of the alert included.';
COMMENT ON COLUMN triage.theme_alerts.segment_usual IS 'The share of that value that is usual for the topic, 0..1.';
COMMENT ON COLUMN triage.theme_alerts.assigned_to IS 'Who takes care of it; null where nobody does.';
COMMENT ON COLUMN triage.theme_alerts.snoozed_until IS 'The day from which it is listed again; null where it was not put off.';
