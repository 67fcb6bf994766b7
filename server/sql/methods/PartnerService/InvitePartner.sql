-- Invites a company to be a vendor of the caller's.
SELECT p.* FROM partner_invite(:company, :terms, :no_framework, :responsible) AS p
