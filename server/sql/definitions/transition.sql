-- States: which there are of everything, and who brings what into which. A table with states has rows
-- here, and a guard that calls check_transition().

CREATE OR REPLACE FUNCTION check_transition(object text, variant text, name text, from_state text,
    to_state text, side text) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM jiayi.transition AS t
            WHERE t.object = check_transition.object AND t.variant = check_transition.variant
              AND t.from_state = check_transition.from_state
              AND t.to_state = check_transition.to_state AND t.side = check_transition.side) THEN
        PERFORM jiayi.refuse('JY009', CASE WHEN from_state = to_state THEN '%s %s is %s already'
                ELSE '%s %s is %s; the %s cannot make it %s' END,
            ROW(jiayi.object_word(object), name, jiayi.word(object, from_state),
                jiayi.word('side', side), jiayi.word(object, to_state)));
    END IF;
END
$$;
COMMENT ON FUNCTION check_transition(text, text, text, text, text, text) IS
    'Ends the call where that side cannot bring it from the one state into the other. name is what '
    'people call the thing besides its kind.';
GRANT EXECUTE ON FUNCTION check_transition(text, text, text, text, text, text)
    TO jiayi_app, jiayi_auth;

---- Tables

CALL protect('transition', 'object,variant,from_state,to_state,side', '');
CALL open_to_auth('transition', 'SELECT');
CREATE POLICY everybody ON transition FOR SELECT TO jiayi_app USING (true);
GRANT SELECT ON transition TO jiayi_app;
