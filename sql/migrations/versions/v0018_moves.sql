-- An intent that was renamed is as it was before: the page may undo it, and change nothing else of what others said.
CREATE FUNCTION triage.move_back(decision bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = triage, pg_temp AS $$
    UPDATE triage.labelled_examples e SET intent = d.became->>'intent' FROM triage.decisions d
    WHERE d.decision_no = decision AND d.action = 'move' AND e.intent = d.became->>'name'
      AND d.became->'moved'->'examples' ? e.text_hash::text
      AND NOT EXISTS (SELECT FROM triage.labelled_examples x
                      WHERE x.text_hash = e.text_hash AND x.intent = d.became->>'intent');
    UPDATE triage.corrections c SET intent = d.became->>'intent' FROM triage.decisions d
    WHERE d.decision_no = decision AND d.action = 'move' AND c.intent = d.became->>'name'
      AND d.became->'moved'->'corrections' ? c.correction_id::text;
$$;
COMMENT ON FUNCTION triage.move_back(bigint) IS 'Gives examples and corrections the intent from which a decision moved them, for its undoing.';
