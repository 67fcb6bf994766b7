-- Makes a company, its pipeline and its first admin.
SELECT c.id, c.slug, c.name, c.created_at, c.code, c.code_expires_at
FROM company_create(:slug, :name, :admin, :admin_password, :admin_name, :time_zone, :language) AS c
