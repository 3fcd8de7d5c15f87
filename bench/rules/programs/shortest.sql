CREATE TABLE edge AS FROM read_csv('edge.csv', header = false, columns = {'x': 'INTEGER', 'y': 'INTEGER'});
CREATE TABLE hop AS WITH RECURSIVE hop(x, y, n) AS (
  SELECT x, y, 1 FROM edge UNION
  SELECT hop.x, edge.y, n + 1 FROM hop JOIN edge ON hop.y = edge.x WHERE n < 7) FROM hop;
CREATE TABLE distance AS SELECT x, y, min(n) AS d FROM hop GROUP BY x, y;
CREATE TABLE reached AS SELECT x, d, count(*) AS c FROM distance GROUP BY x, d;
CREATE TABLE total AS SELECT x, sum(d) AS s FROM distance GROUP BY x;
