-- Changes what is said of a customer. What is absent stays.
WITH changed AS (
    UPDATE customer AS c SET
        name = coalesce(customer_free_name(:name, c.id, :distinct), c.name),
        twin = CASE WHEN :name::text IS NULL THEN c.twin
                    WHEN :distinct::boolean AND customer_find(:name) <> c.id THEN 'said' END,
        registration_no = coalesce(:registration_no, c.registration_no),
        registration_country = coalesce(upper(:registration_country), c.registration_country),
        website = coalesce(:website, c.website),
        address = coalesce(:address, c.address),
        phone = coalesce(:phone, c.phone),
        size = coalesce(:size, c.size),
        state = coalesce(:state, c.state)
    WHERE c.id = :customer_id AND check_version('customer', c.id, c.version, :version)
    RETURNING c
)
SELECT v.* FROM changed AS m, customer_shown(m.c) AS v
