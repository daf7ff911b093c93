-- For which intents does the model abstain the most?
--
-- One row per intent, the one with the largest share of abstentions first. The intent is the best
-- guess, or a person's correction. A large share with a fair mean_probability calls for more
-- labelled examples; one with a low mean_probability often hides an intent that is missing from
-- the taxonomy: read some of them in the view review_queue. Languages that the model does not
-- understand are left out; it always abstains there.
--
-- Parameters: first and last, dates, both included; at_least, the fewest messages worth a row.

SELECT intent, sum(n_messages) AS n_messages, sum(n_abstained) AS n_abstained,
       round(sum(n_abstained) / sum(n_messages), 4) AS share_abstained,
       round(CAST(sum(mean_probability * n_messages) / sum(n_messages) AS numeric), 4)
           AS mean_probability
FROM triage.intent_trend
WHERE day BETWEEN CAST(:first AS date) AND CAST(:last AS date)
  AND intent <> 'unsupported_language'
GROUP BY intent
HAVING sum(n_messages) >= CAST(:at_least AS integer)
ORDER BY share_abstained DESC, n_messages DESC, intent;
