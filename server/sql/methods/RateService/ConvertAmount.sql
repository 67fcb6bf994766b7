-- An amount in another currency, by the company's rates of a day; today where none is named.
SELECT c.converted::text AS "converted.amount", upper(:to) AS "converted.currency",
       CASE WHEN upper(:amount.currency) <> upper(:to) THEN c.rate_day END AS rate_day
FROM convert(:me.company_id, money(:amount.amount, :amount.currency), upper(:amount.currency),
             currency_known(:to, 'to'), coalesce(:date::date, today())) AS c
