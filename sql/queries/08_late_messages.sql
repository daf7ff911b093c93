-- How many messages came late, day by day?
--
-- One row per day of arrival. A late message was written on an earlier day than the one whose run
-- pulled it, and counts for the day it arrived on. n_late of n_messages are late; days_late is the
-- median of their delays in days, days_latest the longest, oldest_day the earliest day that
-- one of them was written on. A few that are a day late are the messages around midnight; many on
-- one day mean that a source was down: the counts of the days back to oldest_day are too small.
--
-- Parameters: first and last, dates of arrival, both included.

SELECT arrived_on AS day, count(*) AS n_messages, count(*) FILTER (WHERE is_late) AS n_late,
       round(CAST(count(*) FILTER (WHERE is_late) AS numeric) / count(*), 4) AS share_late,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY arrived_on - day) FILTER (WHERE is_late)
           AS days_late,
       max(arrived_on - day) FILTER (WHERE is_late) AS days_latest,
       min(day) FILTER (WHERE is_late) AS oldest_day
FROM triage.message_triage
WHERE arrived_on BETWEEN CAST(:first AS date) AND CAST(:last AS date)
GROUP BY arrived_on
ORDER BY arrived_on;
