-- How up to date and how complete are the days?
--
-- One row per day, the latest first, days without any run included. state is one of these:
--   complete      every message that is stored for the day went through all jobs
--   empty         the jobs ran, and no message came: check whether the source was complete
--   partial       messages came after the discovery of the day: run it again
--   stale         an earlier day was run again since: run this one again
--   undiscovered  it was pulled, and discovery has not run yet
--   missing       no job has finished for it
-- n_pulled = n_stored + n_known + n_quarantined, as counted by the latest pull; for a repeated
-- pull, messages that are already stored are known. n_arrived is all that is stored for the day.
--
-- Parameters: first and last, dates, both included.

SELECT d.day,
       CASE WHEN h.finished_at IS NULL THEN 'missing'
            WHEN h.n_messages IS NULL THEN 'undiscovered'
            WHEN h.stale THEN 'stale'
            WHEN h.n_messages + coalesce(h.n_unsupported, 0) + coalesce(h.n_wordless, 0)
                 + coalesce(h.n_joined, 0) <> h.n_arrived THEN 'partial'
            WHEN h.n_arrived = 0 THEN 'empty'
            ELSE 'complete' END AS state,
       h.n_pulled, h.n_stored, h.n_known, h.n_quarantined, h.n_arrived, h.coverage,
       round(h.seconds, 1) AS seconds, h.finished_at
FROM (SELECT CAST(:first AS date) + n AS day
      FROM generate_series(0, CAST(:last AS date) - CAST(:first AS date)) AS n) d
LEFT JOIN triage.run_health h USING (day)
ORDER BY d.day DESC;
