-- Gives a rate of exchange for a day; today where none is named.
INSERT INTO rate AS r (company_id, from_currency, to_currency, day, rate, source, member_id)
VALUES (:me.company_id, currency_known(:from, 'from'), currency_known(:to, 'to'),
        coalesce(:date::date, today()), rate_read(:rate), :source, :me.member_id)
RETURNING r.id, r.from_currency AS "from", r.to_currency AS "to", r.rate::text AS rate, r.day, r.source,
          me_email() AS member, r.at
