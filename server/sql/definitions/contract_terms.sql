-- What of a contract the server reckons with: taken as JSON, checked to the last field, and written out as text, which
-- both sides sign. So what is done and what was signed cannot differ.

-- Of each list: its fields, each with what it may be; ! is a field that there has to be.
CREATE OR REPLACE FUNCTION contract_form() RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$ SELECT '{
    "clauses": {"kind": "choice! right|duty|standard|payment|breach|confidentiality|validity|law|other",
        "side": "choice principal|vendor", "text": "text! 4000", "penalty_percent": "decimal 100",
        "penalty_amount": "decimal 999999999999", "penalty_currency": "currency", "cap_percent": "decimal 1000",
        "cure_days": "whole 3650"},
    "duties": {"title": "text! 200", "side": "choice! principal|vendor", "standard": "text 4000", "due": "day",
        "every": "choice week|month|quarter"},
    "payments": {"title": "text 200", "payer": "choice! principal|vendor", "amount": "decimal! 999999999999",
        "currency": "currency!", "due": "day", "after_duty": "whole 100", "days": "whole 3650"},
    "kpis": {"code": "text! 40", "name": "text! 100", "unit": "text! 20", "period": "choice! week|month|quarter|year",
        "direction": "choice up|down", "target": "decimal! 999999999999", "weight": "whole 100", "source": "text 200"}
}'::jsonb $$;
COMMENT ON FUNCTION contract_form() IS
    'The lists of a contract''s terms and their fields: choice, text (how long at most), decimal and whole (how much at '
    'most), day, currency.';
GRANT EXECUTE ON FUNCTION contract_form() TO jiayi_app;

CREATE OR REPLACE FUNCTION json_line(given text, path text[]) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    token  text;
    line   int := 1;
    here   text[] := '{}';    -- the path of what comes next
    opened text[] := '{}';    -- of each { and [ that is open, which it is
    n      int := 0;
    named  boolean := false;  -- in an object: the field's name has been read
BEGIN
    FOR token IN SELECT m[1] FROM regexp_matches(given, '("(?:[^"\\]|\\.)*"|\n|[][{}:,]|[^][{}:,"\s]+)', 'g') AS m LOOP
        IF token = E'\n' THEN
            line := line + 1;
        ELSIF token IN ('}', ']') THEN
            n := n - 1;
            opened := opened[1:n];
            here := here[1:n];
        ELSIF token = ',' THEN
            IF opened[n] = '[' THEN
                here[n] := (here[n]::int + 1)::text;
            END IF;
            named := false;
        ELSIF token = ':' THEN
            named := true;
        ELSIF opened[n] = '{' AND NOT named THEN
            here[n] := token::jsonb #>> '{}';
            IF here = path THEN
                RETURN line;
            END IF;
        ELSIF here = path THEN
            RETURN line;
        ELSIF token IN ('{', '[') THEN
            n := n + 1;
            opened[n] := token;
            here[n] := '0';
            named := false;
        END IF;
    END LOOP;
    RETURN line;
END
$$;
COMMENT ON FUNCTION json_line(text, text[]) IS
    'In which line of a JSON text the field or element at a path begins; the last one where there is none.';
GRANT EXECUTE ON FUNCTION json_line(text, text[]) TO jiayi_app;

CREATE OR REPLACE FUNCTION contract_field_fits(value jsonb, what text, most text) RETURNS boolean
    LANGUAGE plpgsql STABLE AS $$
DECLARE
    plain text := value #>> '{}';
BEGIN
    IF what IN ('decimal', 'whole') THEN
        RETURN jsonb_typeof(value) IN ('number', 'string')
            AND plain ~ (CASE what WHEN 'whole' THEN '^[0-9]{1,9}$' ELSE '^[0-9]{1,12}(\.[0-9]{1,6})?$' END)
            AND plain::numeric <= most::numeric;
    ELSIF jsonb_typeof(value) <> 'string' THEN
        RETURN false;
    ELSIF what = 'choice' THEN
        RETURN plain = ANY (string_to_array(most, '|'));
    ELSIF what = 'text' THEN
        RETURN length(plain) BETWEEN 1 AND most::int AND plain ~ '\S';
    ELSIF what = 'currency' THEN
        RETURN EXISTS (SELECT FROM jiayi.currency AS c WHERE c.code = plain);
    END IF;
    RETURN plain ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' AND to_char(to_date(plain, 'YYYY-MM-DD'), 'YYYY-MM-DD') = plain;
EXCEPTION WHEN datetime_field_overflow THEN
    RETURN false;
END
$$;
COMMENT ON FUNCTION contract_field_fits(jsonb, text, text) IS 'Whether a field of a contract''s terms is as contract_form() says.';
GRANT EXECUTE ON FUNCTION contract_field_fits(jsonb, text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION contract_terms_row(given text, list text, n int, entry jsonb, form jsonb) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    place text := list || ' ' || n + 1;
    f     record;
BEGIN
    IF jsonb_typeof(entry) <> 'object' THEN
        PERFORM refuse('JY003', 'terms, line %s: %s is to be an object, {...}',
            ROW(json_line(given, ARRAY[list, n::text]), place), field => 'terms');
    END IF;
    FOR f IN SELECT e.key FROM jsonb_object_keys(entry) AS e(key) WHERE form -> e.key IS NULL ORDER BY e.key LOOP
        PERFORM refuse('JY003', 'terms, line %s: %s has no field %s; the fields are %s',
            ROW(json_line(given, ARRAY[list, n::text, f.key]), place, left(f.key, 40),
                (SELECT string_agg(k, ', ') FROM jsonb_object_keys(form) AS k)), field => 'terms');
    END LOOP;
    FOR f IN SELECT e.key AS name, rtrim(split_part(e.value, ' ', 1), '!') AS what, split_part(e.value, ' ', 2) AS most,
            split_part(e.value, ' ', 1) LIKE '%!' AS needed, entry -> e.key AS value
            FROM jsonb_each_text(form) AS e LOOP
        IF f.value IS NULL THEN
            IF f.needed THEN
                PERFORM refuse('JY003', 'terms, line %s: %s lacks %s',
                    ROW(json_line(given, ARRAY[list, n::text]), place, f.name), field => 'terms');
            END IF;
        ELSIF contract_field_fits(f.value, f.what, f.most) IS NOT TRUE THEN
            PERFORM refuse('JY003', CASE f.what
                WHEN 'choice' THEN 'terms, line %s: %s: %s is to be one of %s'
                WHEN 'text' THEN 'terms, line %s: %s: %s is to be a text of at most %s characters'
                WHEN 'decimal' THEN 'terms, line %s: %s: %s is to be a number, at most %s'
                WHEN 'whole' THEN 'terms, line %s: %s: %s is to be a whole number, at most %s'
                WHEN 'currency' THEN 'terms, line %s: %s: %s is to be a currency, such as CNY'
                ELSE 'terms, line %s: %s: %s is to be a day, such as 2026-11-21' END,
                ROW(json_line(given, ARRAY[list, n::text, f.name]), place, f.name, replace(f.most, '|', ', ')),
                field => 'terms');
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION contract_terms_row(text, text, int, jsonb, jsonb) IS
    'Ends the call where an element of a list of a contract''s terms, given as text, is not as the form has it.';
GRANT EXECUTE ON FUNCTION contract_terms_row(text, text, int, jsonb, jsonb) TO jiayi_app;

CREATE OR REPLACE FUNCTION contract_terms(given text) RETURNS jsonb LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    form    jsonb := contract_form();
    all_    jsonb;
    context text;
    e       record;
    list    record;
BEGIN
    IF given IS NULL THEN
        RETURN NULL;
    END IF;
    BEGIN
        all_ := given::jsonb;
    EXCEPTION WHEN invalid_text_representation OR untranslatable_character OR numeric_value_out_of_range THEN
        GET STACKED DIAGNOSTICS context = PG_EXCEPTION_CONTEXT;
        PERFORM refuse('JY003', 'terms, line %s: this is no JSON',
            ROW(coalesce(substring(context FROM 'JSON data, line ([0-9]+)'), '1')), field => 'terms');
    END;
    IF jsonb_typeof(all_) <> 'object' THEN
        PERFORM refuse('JY003', 'terms, line %s: this is to be one object, {...}', ROW(json_line(given, '{}')), field => 'terms');
    END IF;
    -- jsonb keeps the last of two fields of one name; a contract may not hide the first.
    FOR e IN SELECT t.path FROM (
            SELECT ARRAY[a.key] AS path FROM json_each(given::json) AS a
            UNION ALL
            SELECT ARRAY[a.key, (b.n - 1)::text, c.key] FROM json_each(given::json) AS a
            CROSS JOIN LATERAL json_array_elements(CASE WHEN json_typeof(a.value) = 'array' THEN a.value ELSE '[]' END)
                WITH ORDINALITY AS b(value, n)
            CROSS JOIN LATERAL json_object_keys(CASE WHEN json_typeof(b.value) = 'object' THEN b.value ELSE '{}' END) AS c(key)
        ) AS t GROUP BY t.path HAVING count(*) > 1 ORDER BY t.path LIMIT 1 LOOP
        PERFORM refuse('JY003', 'terms, line %s: %s is given twice',
            ROW(json_line(given, e.path), e.path[cardinality(e.path)]), field => 'terms');
    END LOOP;
    FOR e IN SELECT x.key, x.value FROM jsonb_each(all_) AS x LOOP
        IF e.key = 'notice_days' THEN
            IF contract_field_fits(e.value, 'whole', '3650') IS NOT TRUE THEN
                PERFORM refuse('JY003', 'terms, line %s: notice_days is to be a whole number, at most %s',
                    ROW(json_line(given, ARRAY[e.key]), 3650), field => 'terms');
            END IF;
        ELSIF e.key = 'confirm_won' THEN
            IF jsonb_typeof(e.value) <> 'boolean' THEN
                PERFORM refuse('JY003', 'terms, line %s: confirm_won is to be true or false',
                    ROW(json_line(given, ARRAY[e.key])), field => 'terms');
            END IF;
        ELSIF form -> e.key IS NULL THEN
            PERFORM refuse('JY003', 'terms, line %s: there is no %s; there are %s', ROW(json_line(given, ARRAY[e.key]),
                left(e.key, 40), (SELECT string_agg(k, ', ') FROM jsonb_object_keys(form) AS k) || ', notice_days, confirm_won'),
                field => 'terms');
        ELSIF jsonb_typeof(e.value) <> 'array' OR jsonb_array_length(e.value) > 100 THEN
            PERFORM refuse('JY003', 'terms, line %s: %s is to be a list, [...], of at most %s',
                ROW(json_line(given, ARRAY[e.key]), e.key, 100), field => 'terms');
        ELSE
            FOR list IN SELECT x.value, (x.n - 1)::int AS n FROM jsonb_array_elements(e.value) WITH ORDINALITY AS x(value, n) LOOP
                PERFORM contract_terms_row(given, e.key, list.n, list.value, form -> e.key);
            END LOOP;
        END IF;
    END LOOP;
    PERFORM contract_terms_fit(given, all_);
    RETURN all_;
END
$$;
COMMENT ON FUNCTION contract_terms(text) IS
    'The terms of a contract, given as JSON: clauses, duties, payments, kpis, notice_days, confirm_won. The call ends where '
    'anything is not as contract_form() says, and names the line. NULL for NULL.';
GRANT EXECUTE ON FUNCTION contract_terms(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION contract_terms_fit(given text, terms jsonb) RETURNS void LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    r record;
BEGIN
    FOR r IN SELECT x.value AS v, (x.n - 1)::text AS n FROM jsonb_array_elements(terms -> 'clauses') WITH ORDINALITY AS x(value, n) LOOP
        IF (r.v ? 'penalty_amount') <> (r.v ? 'penalty_currency') THEN
            PERFORM refuse('JY003', 'terms, line %s: give penalty_amount and penalty_currency together',
                ROW(json_line(given, ARRAY['clauses', r.n])), field => 'terms');
        ELSIF r.v ->> 'kind' <> 'breach' AND r.v ?| ARRAY['penalty_percent', 'penalty_amount', 'cap_percent', 'cure_days'] THEN
            PERFORM refuse('JY003', 'terms, line %s: only a clause of kind breach has penalties and cure_days',
                ROW(json_line(given, ARRAY['clauses', r.n])), field => 'terms');
        END IF;
    END LOOP;
    FOR r IN SELECT x.value AS v, (x.n - 1)::text AS n FROM jsonb_array_elements(terms -> 'duties') WITH ORDINALITY AS x(value, n) LOOP
        IF (r.v ? 'due') = (r.v ? 'every') THEN
            PERFORM refuse('JY003', 'terms, line %s: a duty has either due, a day, or every: week, month or quarter',
                ROW(json_line(given, ARRAY['duties', r.n])), field => 'terms');
        END IF;
    END LOOP;
    FOR r IN SELECT x.value AS v, (x.n - 1)::text AS n FROM jsonb_array_elements(terms -> 'payments') WITH ORDINALITY AS x(value, n) LOOP
        IF (r.v ? 'due') = (r.v ? 'after_duty') OR (r.v ? 'days' AND NOT r.v ? 'after_duty') THEN
            PERFORM refuse('JY003', 'terms, line %s: a payment has either due, a day, or after_duty, the place of a duty in the '
                'list, with days for so many days later', ROW(json_line(given, ARRAY['payments', r.n])), field => 'terms');
        ELSIF r.v ? 'after_duty' AND NOT coalesce(terms -> 'duties' -> ((r.v ->> 'after_duty')::int - 1) ? 'due', false) THEN
            PERFORM refuse('JY003', 'terms, line %s: there is no duty %s with a day on which it is due',
                ROW(json_line(given, ARRAY['payments', r.n, 'after_duty']), r.v ->> 'after_duty'), field => 'terms');
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION contract_terms_fit(text, jsonb) IS
    'Ends the call where the fields of a contract''s terms do not fit one another.';
GRANT EXECUTE ON FUNCTION contract_terms_fit(text, jsonb) TO jiayi_app;

-- The text is signed: what is written here for a draft stays as it was then in the revision of what was proposed.
CREATE OR REPLACE FUNCTION contract_word(language text, code text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(('{
        "terms": {"en": "Terms", "zh": "条款要目", "sq": "Kushtet"},
        "no": {"en": "No.", "zh": "编号", "sq": "Nr."},
        "kind": {"en": "Kind", "zh": "类型", "sq": "Lloji"},
        "sales": {"en": "sales", "zh": "销售合同", "sq": "shitje"},
        "project": {"en": "project", "zh": "项目合同", "sq": "projekt"},
        "service": {"en": "service", "zh": "服务合同", "sq": "shërbim"},
        "principal": {"en": "Party A", "zh": "甲方", "sq": "Pala A"},
        "vendor": {"en": "Party B", "zh": "乙方", "sq": "Pala B"},
        "both": {"en": "Both parties", "zh": "双方", "sq": "Të dyja palët"},
        "from": {"en": "In force from", "zh": "生效日期", "sq": "Hyn në fuqi më"},
        "signed": {"en": "the second signature", "zh": "双方签署之时", "sq": "nënshkrimin e dytë"},
        "to": {"en": "In force until", "zh": "截止日期", "sq": "Në fuqi deri më"},
        "endless": {"en": "without end", "zh": "无固定期限", "sq": "pa afat"},
        "notice": {"en": "Days of notice", "zh": "提前通知天数", "sq": "Ditë njoftimi"},
        "confirm": {"en": "A deal that party B wins counts once party A confirms it.",
            "zh": "乙方报赢单的商机，经甲方确认后方为赢单。",
            "sq": "Një mundësi që fiton pala B vlen pasi ta konfirmojë pala A."},
        "clauses": {"en": "Clauses", "zh": "条款", "sq": "Nenet"},
        "duties": {"en": "Duties", "zh": "义务", "sq": "Detyrimet"},
        "payments": {"en": "Payments", "zh": "付款", "sq": "Pagesat"},
        "kpis": {"en": "KPIs", "zh": "考核指标", "sq": "Treguesit"},
        "right": {"en": "Right", "zh": "权利", "sq": "E drejtë"},
        "duty": {"en": "Duty", "zh": "义务", "sq": "Detyrim"},
        "standard": {"en": "Standard", "zh": "质量标准", "sq": "Standard"},
        "payment": {"en": "Payment", "zh": "付款", "sq": "Pagesë"},
        "breach": {"en": "Breach", "zh": "违约责任", "sq": "Shkelje"},
        "confidentiality": {"en": "Confidentiality", "zh": "保密", "sq": "Konfidencialitet"},
        "validity": {"en": "Validity", "zh": "有效期", "sq": "Vlefshmëri"},
        "law": {"en": "Law", "zh": "适用法律", "sq": "Ligji"},
        "other": {"en": "Other", "zh": "其他", "sq": "Tjetër"},
        "penalty": {"en": "Penalty for each working day", "zh": "每逾期一个工作日违约金", "sq": "Gjobë për çdo ditë pune"},
        "cap": {"en": "at most", "zh": "最高", "sq": "më së shumti"},
        "cure": {"en": "Working days to make good", "zh": "补救期（工作日）", "sq": "Ditë pune për korrigjim"},
        "due": {"en": "due", "zh": "截止", "sq": "afati"},
        "every": {"en": "every %s", "zh": "每%s", "sq": "çdo %s"},
        "week": {"en": "week", "zh": "周", "sq": "javë"},
        "month": {"en": "month", "zh": "月", "sq": "muaj"},
        "quarter": {"en": "quarter", "zh": "季度", "sq": "tremujor"},
        "year": {"en": "year", "zh": "年", "sq": "vit"},
        "quality": {"en": "Standard", "zh": "质量标准", "sq": "Standardi"},
        "pays": {"en": "%s pays %s %s", "zh": "%s支付 %s %s", "sq": "%s paguan %s %s"},
        "after": {"en": "%1$s days after acceptance of duty %2$s", "zh": "义务 %2$s 验收后 %1$s 天内",
            "sq": "%1$s ditë pas pranimit të detyrimit %2$s"},
        "target": {"en": "target", "zh": "目标", "sq": "objektivi"},
        "up": {"en": "more is better", "zh": "越高越好", "sq": "më shumë është më mirë"},
        "down": {"en": "less is better", "zh": "越低越好", "sq": "më pak është më mirë"},
        "amended": {"en": "Amended by version", "zh": "已被新版本修订，版本号", "sq": "Ndryshuar nga versioni"},
        "weight": {"en": "weight", "zh": "权重", "sq": "pesha"}
    }'::jsonb -> code ->> language), code)
$$;
COMMENT ON FUNCTION contract_word(text, text) IS
    'A word of the terms of a contract in one of the three languages in which the server writes them.';
GRANT EXECUTE ON FUNCTION contract_word(text, text) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION contract_company(company_id bigint) RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT c.name || ' (' || c.slug || ')' FROM company AS c
        WHERE c.id = contract_company.company_id AND knows_company(c.id));
END
$$;
COMMENT ON FUNCTION contract_company(bigint) IS 'A company as a contract names it; NULL for one that the caller does not know.';
GRANT EXECUTE ON FUNCTION contract_company(bigint) TO jiayi_app, jiayi_auth;

-- One line for each: a text of several lines goes on under it, so that no text looks like a heading or another clause.
CREATE OR REPLACE FUNCTION contract_text(c contract, v contract_version) RETURNS text LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    l    text := v.language;
    colon text := CASE v.language WHEN 'zh' THEN '：' ELSE ': ' END;
    comma text := CASE v.language WHEN 'zh' THEN '，' ELSE ', ' END;
    made text := v.prose || E'\n\n---\n';
    item record;
BEGIN
    IF v.terms IS NULL THEN
        RETURN v.prose;
    END IF;
    made := made || '## ' || contract_word(l, 'terms') || E'\n\n'
        || '- ' || v.title || E'\n'
        || coalesce('- ' || contract_word(l, 'no') || ' ' || c.no || E'\n', '')
        || '- ' || contract_word(l, 'kind') || colon || contract_word(l, c.kind) || E'\n'
        || '- ' || contract_word(l, 'principal') || colon || contract_company(c.company_id) || E'\n'
        || '- ' || contract_word(l, 'vendor') || colon || contract_company(c.vendor_id) || E'\n'
        || '- ' || contract_word(l, 'from') || colon || coalesce(v.valid_from::text, contract_word(l, 'signed')) || E'\n'
        || '- ' || contract_word(l, 'to') || colon || coalesce(v.valid_to::text, contract_word(l, 'endless')) || E'\n'
        || coalesce('- ' || contract_word(l, 'notice') || colon || (v.terms ->> 'notice_days') || E'\n', '')
        || CASE WHEN v.terms -> 'confirm_won' = 'true' THEN '- ' || contract_word(l, 'confirm') || E'\n' ELSE '' END;
    FOR item IN
        SELECT k.list, x.value AS v, x.n FROM unnest(ARRAY['clauses', 'duties', 'payments', 'kpis']) WITH ORDINALITY AS k(list, n)
        CROSS JOIN LATERAL jsonb_array_elements(v.terms -> k.list) WITH ORDINALITY AS x(value, n) ORDER BY k.n, x.n
    LOOP
        IF item.n = 1 THEN
            made := made || E'\n### ' || contract_word(l, item.list) || E'\n\n';
        END IF;
        made := made || item.n || '. ' || replace(CASE item.list
            WHEN 'clauses' THEN contract_word(l, item.v ->> 'kind') || comma
                || contract_word(l, coalesce(item.v ->> 'side', 'both')) || colon || (item.v ->> 'text')
                || coalesce(E'\n' || contract_word(l, 'penalty') || colon || nullif(concat_ws(comma, (item.v ->> 'penalty_percent') || ' %',
                    (item.v ->> 'penalty_amount') || ' ' || (item.v ->> 'penalty_currency'),
                    contract_word(l, 'cap') || ' ' || (item.v ->> 'cap_percent') || ' %'), ''), '')
                || coalesce(E'\n' || contract_word(l, 'cure') || colon || (item.v ->> 'cure_days'), '')
            WHEN 'duties' THEN contract_word(l, item.v ->> 'side') || colon || (item.v ->> 'title') || comma
                || coalesce(contract_word(l, 'due') || ' ' || (item.v ->> 'due'),
                    format(contract_word(l, 'every'), contract_word(l, item.v ->> 'every')))
                || coalesce(E'\n' || contract_word(l, 'quality') || colon || (item.v ->> 'standard'), '')
            WHEN 'payments' THEN format(contract_word(l, 'pays'), contract_word(l, item.v ->> 'payer'), item.v ->> 'amount',
                    item.v ->> 'currency') || comma
                || coalesce(contract_word(l, 'due') || ' ' || (item.v ->> 'due'),
                    format(contract_word(l, 'after'), coalesce(item.v ->> 'days', '0'), item.v ->> 'after_duty'))
                || coalesce(comma || (item.v ->> 'title'), '')
            ELSE (item.v ->> 'code') || comma || (item.v ->> 'name') || ' (' || contract_word(l, item.v ->> 'period') || ')' || colon
                || contract_word(l, 'target') || ' ' || (item.v ->> 'target') || ' ' || (item.v ->> 'unit') || comma
                || contract_word(l, coalesce(item.v ->> 'direction', 'up'))
                || coalesce(comma || contract_word(l, 'weight') || ' ' || (item.v ->> 'weight'), '')
                || coalesce(comma || (item.v ->> 'source'), '')
            END, E'\n', E'\n   ') || E'\n';
    END LOOP;
    RETURN made;
END
$$;
COMMENT ON FUNCTION contract_text(contract, contract_version) IS
    'The whole text of a version, which is what is signed: its words, a line, and its terms as the server writes them.';
GRANT EXECUTE ON FUNCTION contract_text(contract, contract_version) TO jiayi_app, jiayi_auth;
