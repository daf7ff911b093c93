-- Which intents come most, week by week?
--
-- One row per intent and week (Monday to Sunday, by arrival), the latest week first, the most
-- frequent intent first. share is the share of all the week's messages with a prediction. A message
-- where the model abstained counts under its best guess, and n_abstained says how many those are:
-- the rank of an intent with many guesses is less certain. Corrections are followed. The first and
-- the last week are cut off at the dates given.
--
-- Parameters: first and last, dates, both included; most, how many intents of each week to show.

WITH weeks AS (
    SELECT CAST(date_trunc('week', day) AS date) AS week, intent,
           sum(n_messages) AS n_messages, sum(n_abstained) AS n_abstained
    FROM triage.intent_trend
    WHERE day BETWEEN CAST(:first AS date) AND CAST(:last AS date)
    GROUP BY 1, 2
), ranked AS (
    SELECT week, row_number() OVER (PARTITION BY week ORDER BY n_messages DESC, intent) AS rank,
           intent, n_messages, n_abstained,
           round(n_messages / sum(n_messages) OVER (PARTITION BY week), 4) AS share
    FROM weeks
)
SELECT week, rank, intent, n_messages, share, n_abstained
FROM ranked
WHERE rank <= CAST(:most AS integer)
ORDER BY week DESC, rank;
