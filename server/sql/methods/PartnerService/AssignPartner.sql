-- Names who of the caller's company looks after a partnership.
SELECT p.*
FROM partner_assign(:company, :email, :side) AS a(id), partner_show(a.id) AS p
