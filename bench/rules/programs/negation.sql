CREATE TABLE node AS FROM read_csv('node.csv', header = false, columns = {'x': 'INTEGER'});
CREATE TABLE edge AS FROM read_csv('edge.csv', header = false, columns = {'x': 'INTEGER', 'y': 'INTEGER'});
CREATE TABLE path AS WITH RECURSIVE path(x, y) AS (
  FROM edge UNION SELECT path.x, edge.y FROM path JOIN edge ON path.y = edge.x) FROM path;
CREATE TABLE apart AS SELECT a.x, b.x AS y FROM node a, node b
  WHERE NOT EXISTS (FROM path WHERE path.x = a.x AND path.y = b.x);
CREATE TABLE one_way AS SELECT x, y FROM path p WHERE NOT EXISTS (FROM path q WHERE q.x = p.y AND q.y = p.x);
CREATE TABLE final AS SELECT x FROM node WHERE NOT EXISTS (FROM edge WHERE edge.x = node.x);
