-- Changes what is said about a deal. What is absent stays.
WITH changed AS (
    UPDATE deal AS d SET
        title = coalesce(:title, d.title),
        customer_id = coalesce(customer_by_name(:customer, d.owner_id), d.customer_id),
        amount = coalesce(money(:amount.amount, :amount.currency), d.amount),
        currency = coalesce(upper(:amount.currency), d.currency),
        vendor_id = CASE WHEN :no_vendor::boolean THEN NULL ELSE coalesce(vendor_by_slug(:vendor), d.vendor_id,
            deal_vendor(NULL, :contract_id)) END,
        -- Who names the vendor gives it to that one, now.
        shared_span = CASE WHEN :vendor::text IS NULL THEN d.shared_span
            ELSE partner_span(d.company_id, vendor_by_slug(:vendor)) END,
        close_on = CASE WHEN :no_close_on::boolean THEN no_day(:close_on, 'close_on') ELSE coalesce(:close_on::date, d.close_on) END,
        kind = coalesce(:kind, d.kind),
        contact_id = CASE WHEN :no_contact::boolean THEN NULL ELSE coalesce(:contact_id, d.contact_id) END,
        contract_id = CASE WHEN :no_contract::boolean THEN NULL ELSE coalesce(:contract_id, d.contract_id) END,
        change_reason = :reason
    WHERE d.id = :deal_id AND check_version('deal', d.id, d.version, :version)
    RETURNING d AS deal
)
SELECT v.* FROM changed, deal_shown(changed.deal) AS v
