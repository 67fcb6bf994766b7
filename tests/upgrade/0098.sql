INSERT INTO comment_reach (scope, comment_id, at, topic) SELECT c.company_id * 1024 + 44, c.id, c.at, c.topic FROM comment AS c;
