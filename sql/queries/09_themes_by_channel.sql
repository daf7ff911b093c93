-- Through which channels does each theme come?
--
-- One row per theme and channel, the largest theme first. share is the channel's share of the
-- theme, share_of_all its share of all messages of the period: a theme with a share far above
-- share_of_all is typical of that channel. times_usual is share over share_of_all, 1 where the
-- theme comes through the channel as often as all messages do. A message of two themes counts in
-- both. Messages without a theme come last, with topic_id null.
--
-- Parameters: first and last, dates, both included; at_least, the fewest messages of a theme.

WITH period AS (
    SELECT message_id, coalesce(channel, 'unknown') AS channel
    FROM triage.message_triage
    WHERE arrived_on BETWEEN CAST(:first AS date) AND CAST(:last AS date)
), usual AS (
    SELECT channel, count(*) / sum(count(*)) OVER () AS share_of_all FROM period GROUP BY 1
), counted AS (
    SELECT x.topic_id, x.theme, channel, count(*) AS n_messages
    FROM period LEFT JOIN triage.message_topics x USING (message_id)
    GROUP BY 1, 2, 3
), shares AS (
    SELECT topic_id, theme, channel, n_messages, share_of_all,
           sum(n_messages) OVER (PARTITION BY topic_id) AS n_theme,
           n_messages / sum(n_messages) OVER (PARTITION BY topic_id) AS share
    FROM counted JOIN usual USING (channel)
)
SELECT topic_id, theme, channel, n_messages, round(share, 4) AS share,
       round(share_of_all, 4) AS share_of_all, round(share / share_of_all, 2) AS times_usual
FROM shares
WHERE n_theme >= CAST(:at_least AS integer)
ORDER BY topic_id IS NULL, n_theme DESC, topic_id, n_messages DESC, channel;
