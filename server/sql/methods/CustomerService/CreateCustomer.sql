-- Makes a customer of the caller's company, with tags.
SELECT v.*, tags_now(kind('customer'), c.id) AS tags
FROM customer_create(:name, :owner, :distinct, :registration_no, :registration_country, :website, :address, :phone,
    :size, :tags::text[]) AS c(id), customer_show(c.id) AS v
