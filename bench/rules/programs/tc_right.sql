CREATE TABLE edge AS FROM read_csv('edge.csv', header = false, columns = {'x': 'INTEGER', 'y': 'INTEGER'});
CREATE TABLE path AS WITH RECURSIVE path(x, y) AS (
  FROM edge UNION SELECT edge.x, path.y FROM edge JOIN path ON edge.y = path.x) FROM path;
