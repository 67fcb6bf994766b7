-- Makes a deal in the first stage of the pipeline, with tags.
WITH made AS (
    INSERT INTO deal AS d (company_id, title, customer_id, amount, currency, owner_id, vendor_id, close_on, kind, contact_id,
        contract_id)
    SELECT :me.company_id, :title, customer_by_name(:customer, o.id),
        money(:amount.amount, :amount.currency), upper(:amount.currency), o.id,
        deal_vendor(:vendor, :contract_id), :close_on::date, coalesce(:kind, 'sale'), :contact_id, :contract_id
    FROM coalesce(member_by_email(:owner), :me.member_id) AS o(id)
    RETURNING d AS deal
)
SELECT v.*, thing_tagged(kind('deal'), v.id, :tags::text[]) AS tags FROM made, deal_shown(made.deal) AS v
