"""Runs one SQL file in DuckDB with one thread: `duckdb_case.py FILE.sql size|tuples OUT RELATION…`, in the folder of the
input. Started by systems.py with the Python that has DuckDB; start-up and import are part of its time."""
import sys

import duckdb

sql, mode, out, *relations = sys.argv[1:]
connection = duckdb.connect(config={"threads": 1})
with open(sql) as file:
    connection.execute(file.read())
for relation in relations:
    if mode == "size":
        print(f"{relation}\t{connection.execute(f'SELECT count(*) FROM {relation}').fetchone()[0]}")
    else:
        connection.execute(f"COPY {relation} TO '{out}/{relation}.csv' (HEADER false, QUOTE '')")
