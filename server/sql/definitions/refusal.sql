-- How a statement or a trigger refuses a call.

CREATE OR REPLACE FUNCTION refuse(code text, message text, detail text DEFAULT NULL) RETURNS boolean
    LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = code, MESSAGE = message, DETAIL = coalesce(detail, '');
END
$$;
COMMENT ON FUNCTION refuse(text, text, text) IS
    'Ends the call. The code is JY0nn, nn being a number of google.rpc.Code; the message is for '
    'the caller.';
GRANT EXECUTE ON FUNCTION refuse(text, text, text) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION check_version(object text, id bigint, current int, seen int)
    RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF seen IS NOT NULL AND seen <> current THEN
        RAISE EXCEPTION USING ERRCODE = 'JY010',
            MESSAGE = format('%s %s is at version %s by now, not %s; look at it again', object, id,
                current, seen),
            DETAIL = 'current_version=' || current;
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION check_version(text, bigint, int, int) IS
    'Stands in the WHERE of an UPDATE: refuses it where the caller saw another version. An UPDATE '
    'that had to wait for another asks again.';
GRANT EXECUTE ON FUNCTION check_version(text, bigint, int, int) TO jiayi_app, jiayi_auth;
