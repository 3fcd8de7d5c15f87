CREATE TABLE r AS FROM read_csv('r.csv', header = false, columns = {'c': 'INTEGER', 'x': 'INTEGER'});
CREATE TABLE s AS FROM read_csv('s.csv', header = false, columns = {'c': 'INTEGER', 'y': 'INTEGER'});
CREATE TABLE t AS FROM read_csv('t.csv', header = false, columns = {'c': 'INTEGER', 'z': 'INTEGER'});
CREATE TABLE pair AS SELECT DISTINCT x, y FROM r JOIN s USING (c) WHERE EXISTS (FROM t WHERE t.c = r.c);
