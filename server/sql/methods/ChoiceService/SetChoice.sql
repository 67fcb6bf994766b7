-- Puts a code into a list, or changes one.
SELECT c.list, c.code, c.label, c.position, c.active, c.list || '=' || c.code AS tag
FROM choice_set(:list, :code, :label, :position, coalesce(NOT :retire, :restore)) AS c
