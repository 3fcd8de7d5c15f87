CREATE TABLE edge AS FROM read_csv('edge.csv', header = false, columns = {'x': 'INTEGER', 'y': 'INTEGER'});
CREATE TABLE triangle AS SELECT DISTINCT a.x, a.y, b.y AS z FROM edge a JOIN edge b ON a.y = b.x
  JOIN edge c ON c.x = a.x AND c.y = b.y;
