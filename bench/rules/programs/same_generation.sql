CREATE TABLE parent AS FROM read_csv('parent.csv', header = false, columns = {'c': 'INTEGER', 'p': 'INTEGER'});
CREATE TABLE same AS WITH RECURSIVE same(x, y) AS (
  SELECT a.c, b.c FROM parent a JOIN parent b ON a.p = b.p WHERE a.c <> b.c UNION
  SELECT a.c, b.c FROM parent a JOIN same ON a.p = same.x JOIN parent b ON b.p = same.y) FROM same;
