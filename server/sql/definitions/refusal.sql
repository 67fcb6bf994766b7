-- How a statement or a trigger refuses a call.

CREATE OR REPLACE FUNCTION refuse(code text, template text, args record DEFAULT NULL,
    field text DEFAULT NULL, current_version int DEFAULT NULL, retry_after_ms bigint DEFAULT NULL,
    caller text DEFAULT NULL) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    texts json := (SELECT json_agg(CASE json_typeof(a.value) WHEN 'object' THEN a.value
            ELSE to_json(a.value #>> '{}') END ORDER BY a.n)
        FROM json_each(row_to_json(args)) WITH ORDINALITY AS a(key, value, n));
BEGIN
    RAISE EXCEPTION USING ERRCODE = code, MESSAGE = template, DETAIL = json_strip_nulls(
            json_build_object('args', texts, 'field', field, 'current_version', current_version,
                'retry_after_ms', retry_after_ms)),
        HINT = coalesce('caller=' || caller, '');
END
$$;
COMMENT ON FUNCTION refuse(text, text, record, text, int, bigint, text) IS
    'Ends the call. The code is JY0nn, nn being a number of google.rpc.Code. The template is for the '
    'caller and translated in po/: a literal, or a CASE of literals, in which %s stands for the next '
    'of the arguments, ROW(...), and %% for a percent sign; the server puts them in, in the language '
    'of the caller. field is the field of the request that is wrong; caller, for the log alone, who '
    'was refused.';
GRANT EXECUTE ON FUNCTION refuse(text, text, record, text, int, bigint, text)
    TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION word(list text, code text) RETURNS json LANGUAGE sql IMMUTABLE
    AS $$ SELECT json_build_object('list', list, 'code', code) $$;
COMMENT ON FUNCTION word(text, text) IS
    'An argument of a refusal that is a code of a list of the dictionary, such as ''won'' of '
    '''stage'', or several with '', '' between them: it is read as the words for them in the language of the caller.';
GRANT EXECUTE ON FUNCTION word(text, text) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION object_word(object text) RETURNS json LANGUAGE sql IMMUTABLE
    AS $$ SELECT jiayi.word('object', CASE object WHEN 'case_file' THEN 'case' ELSE object END) $$;
COMMENT ON FUNCTION object_word(text) IS
    'An argument of a refusal: what people call a row of that table.';
GRANT EXECUTE ON FUNCTION object_word(text) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION check_version(object text, id bigint, current int, seen int)
    RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF seen IS NOT NULL AND seen <> current THEN
        PERFORM jiayi.refuse('JY010', '%s %s is at version %s by now, not %s; look at it again',
            ROW(jiayi.object_word(object), id, current, seen), current_version => current);
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION check_version(text, bigint, int, int) IS
    'Stands in the WHERE of an UPDATE: refuses it where the caller saw another version. An UPDATE '
    'that had to wait for another asks again.';
GRANT EXECUTE ON FUNCTION check_version(text, bigint, int, int) TO jiayi_app, jiayi_auth;
