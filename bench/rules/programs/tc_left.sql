CREATE TABLE edge AS FROM read_csv('edge.csv', header = false, columns = {'x': 'INTEGER', 'y': 'INTEGER'});
CREATE TABLE path AS WITH RECURSIVE path(x, y) AS (
  FROM edge UNION SELECT path.x, edge.y FROM path JOIN edge ON path.y = edge.x) FROM path;
