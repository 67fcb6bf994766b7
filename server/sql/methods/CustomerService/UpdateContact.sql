-- Changes what is said of a contact. What is absent stays.
WITH changed AS (
    UPDATE contact AS k SET
        name = coalesce(:name, k.name),
        title = coalesce(:title, k.title),
        function = coalesce(:function, k.function),
        email = coalesce(lower(:email), k.email),
        phone = coalesce(:phone, k.phone),
        wechat = coalesce(:wechat, k.wechat),
        note = coalesce(:note, k.note),
        state = coalesce(:state, k.state)
    WHERE k.id = :contact_id AND check_version('contact', k.id, k.version, :version)
    RETURNING k
)
SELECT v.* FROM changed AS m, contact_shown(m.k) AS v
