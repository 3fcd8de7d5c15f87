# Finds the DuckDB that scripts/setup put into the cache folder. -DTENFOLD_DUCKDB_DIR=… names another folder with
# libduckdb.so. Makes tenfold::duckdb, or turns TENFOLD_DUCKDB off where it is not there.
if(NOT TARGET tenfold_duckdb_library)
  if(NOT TENFOLD_DUCKDB_DIR)
    execute_process(COMMAND ${PROJECT_SOURCE_DIR}/scripts/duckdb-folder
      OUTPUT_VARIABLE TENFOLD_DUCKDB_DIR OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  endif()
  if(NOT EXISTS ${TENFOLD_DUCKDB_DIR}/libduckdb.so)
    message(WARNING "DuckDB was not found in ${TENFOLD_DUCKDB_DIR}: Parquet and SQL on files are not built. "
      "Run scripts/setup, or say -DTENFOLD_DUCKDB=OFF.")
    set(TENFOLD_DUCKDB OFF)
    return()
  endif()
  add_library(tenfold_duckdb_library INTERFACE)
  add_library(tenfold::duckdb ALIAS tenfold_duckdb_library)
  target_link_libraries(tenfold_duckdb_library INTERFACE ${TENFOLD_DUCKDB_DIR}/libduckdb.so)
endif()
