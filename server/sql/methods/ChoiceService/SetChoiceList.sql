-- Makes a list, or changes one.
SELECT l.list, l.title, l.single, l.closed
FROM choice_list_set(:list, :title, :each = 'one', :codes = 'listed') AS l
