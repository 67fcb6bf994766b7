-- Ends the caller's link with memberships in other companies.
SELECT link_end() AS companies
