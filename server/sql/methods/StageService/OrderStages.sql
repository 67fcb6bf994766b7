-- Puts the stages into another order.
SELECT stages_order(:stages::text[]) AS stages
