CREATE TABLE sale AS SELECT DISTINCT * FROM read_csv('sale.csv', header = false,
  columns = {'s': 'INTEGER', 'i': 'INTEGER', 'a': 'BIGINT'});
CREATE TABLE sales_of AS SELECT s, count(*) FROM sale GROUP BY s;
CREATE TABLE turnover AS SELECT i, sum(a) FROM sale GROUP BY i;
CREATE TABLE cheapest AS SELECT s, i, min(a) FROM sale GROUP BY s, i;
CREATE TABLE dearest AS SELECT s, i, max(a) FROM sale GROUP BY s, i;
