-- Makes a deal in the first stage of the pipeline.
WITH made AS (
    INSERT INTO deal AS d (company_id, title, customer_id, amount, currency, owner_id, vendor_id)
    VALUES (:me.company_id, :title, customer_by_name(:customer),
        money(:amount.amount, :amount.currency), upper(:amount.currency),
            coalesce(member_by_email(:owner), :me.member_id), vendor_by_slug(:vendor))
    RETURNING d AS deal
)
SELECT v.* FROM made, deal_shown(made.deal) AS v
