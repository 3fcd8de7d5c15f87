CREATE TABLE edge AS FROM read_csv('edge.csv', header = false, columns = {'x': 'INTEGER', 'y': 'INTEGER'});
CREATE TABLE reached_from AS WITH RECURSIVE reached_from(y, x) AS (
  SELECT y, x FROM edge UNION
  SELECT edge.y, reached_from.x FROM reached_from JOIN edge ON reached_from.y = edge.x) FROM reached_from;
