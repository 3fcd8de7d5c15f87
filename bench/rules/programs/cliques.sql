CREATE TABLE edge AS FROM read_csv('edge.csv', header = false, columns = {'x': 'INTEGER', 'y': 'INTEGER'});
CREATE TABLE clique AS SELECT DISTINCT ab.x AS a, ab.y AS b, bc.y AS c, cd.y AS d FROM edge ab
  JOIN edge ac ON ac.x = ab.x JOIN edge bc ON bc.x = ab.y AND bc.y = ac.y
  JOIN edge ad ON ad.x = ab.x JOIN edge bd ON bd.x = ab.y AND bd.y = ad.y JOIN edge cd ON cd.x = bc.y AND cd.y = bd.y;
