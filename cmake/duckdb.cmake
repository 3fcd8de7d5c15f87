# Finds the DuckDB that scripts/setup put into the cache folder. -DTENFOLD_DUCKDB_DIR=… names another folder with
# libduckdb.so. Makes tenfold::duckdb.
if(NOT TARGET tenfold_duckdb_library)
  if(NOT TENFOLD_DUCKDB_DIR)
    execute_process(COMMAND ${PROJECT_SOURCE_DIR}/scripts/duckdb-folder
      OUTPUT_VARIABLE TENFOLD_DUCKDB_DIR OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  endif()
  if(NOT EXISTS ${TENFOLD_DUCKDB_DIR}/libduckdb.so)
    message(FATAL_ERROR "DuckDB was not found in ${TENFOLD_DUCKDB_DIR}.\n"
      "Run scripts/setup, or build without it: -DTENFOLD_DUCKDB=OFF, or cmake --preset minimal.")
  endif()
  add_library(tenfold_duckdb_library INTERFACE)
  add_library(tenfold::duckdb ALIAS tenfold_duckdb_library)
  target_link_libraries(tenfold_duckdb_library INTERFACE ${TENFOLD_DUCKDB_DIR}/libduckdb.so)
endif()
