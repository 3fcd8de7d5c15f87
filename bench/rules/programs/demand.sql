-- SQL has no demand transformation: written by hand as its users would.
CREATE TABLE edge AS FROM read_csv('edge.csv', header = false, columns = {'x': 'INTEGER', 'y': 'INTEGER'});
CREATE TABLE found AS WITH RECURSIVE found(y) AS (
  SELECT y FROM edge WHERE x = 17 UNION SELECT edge.y FROM found JOIN edge ON found.y = edge.x) FROM found;
