-- A contract with a version's text, who signed it, the points of the review, and what is paid.
SELECT v.* FROM contract_show(:contract_id, :text_version) AS v
