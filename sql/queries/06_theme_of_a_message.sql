-- Which theme does a message belong to, and who decided?
--
-- One row per source that has a message of this id, usually one. decided_by is run or the user
-- name of the person who corrected it; stage says how a run decided: assign, against the themes
-- of the eve, or discover, by the clustering of the day decided_on. Without a theme but with a
-- stage the message is unclustered; without a stage it has not been triaged yet. strength is
-- 0.5 at the edge of the theme and 1 at its centroid.
--
-- Parameters: external_id, the id of the message in its source, a text.

SELECT source, external_id, created_at, topic_id, theme, strength, stage, decided_by, decided_on,
       intent, intent_probability, intent_abstained, intent_corrected, text
FROM triage.message_triage
WHERE external_id = CAST(:external_id AS text)
ORDER BY source;
