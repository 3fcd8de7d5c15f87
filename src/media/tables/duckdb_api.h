// The part of DuckDB's C interface that is used, as version 1.5 has it (duckdb.h; its package carries the library
// alone).
#pragma once

#include <cstdint>

extern "C" {

using duckdb_database = struct duckdb_database_handle*;
using duckdb_connection = struct duckdb_connection_handle*;
using duckdb_config = struct duckdb_config_handle*;
using duckdb_statements = struct duckdb_statements_handle*;
using duckdb_prepared = struct duckdb_prepared_handle*;
using duckdb_pending = struct duckdb_pending_handle*;
using duckdb_chunk = struct duckdb_chunk_handle*;
using duckdb_vector = struct duckdb_vector_handle*;

struct duckdb_result {
  std::uint64_t deprecated[3];
  void* deprecated_columns;
  char* deprecated_message;
  void* internal;
};

/// Up to 12 bytes stand behind the length; of a longer text its first four, and then where it is.
struct duckdb_text {
  std::uint32_t length;
  char prefix[4];
  union {
    char rest[8];
    const char* bytes;
  };
};
static_assert(sizeof(duckdb_text) == 16 && sizeof(duckdb_result) == 48);

constexpr int kDuckdbSelect = 1;  // DUCKDB_STATEMENT_TYPE_SELECT

// Those that return int return 0 when all went well.
int duckdb_create_config(duckdb_config*);
int duckdb_set_config(duckdb_config, const char* name, const char* value);
void duckdb_destroy_config(duckdb_config*);
int duckdb_open_ext(const char* path, duckdb_database*, duckdb_config, char** error);
void duckdb_close(duckdb_database*);
int duckdb_connect(duckdb_database, duckdb_connection*);
void duckdb_disconnect(duckdb_connection*);
void duckdb_free(void*);

int duckdb_query(duckdb_connection, const char* query, duckdb_result*);
const char* duckdb_result_error(duckdb_result*);
void duckdb_destroy_result(duckdb_result*);

std::uint64_t duckdb_extract_statements(duckdb_connection, const char* query, duckdb_statements*);  // how many
const char* duckdb_extract_statements_error(duckdb_statements);
void duckdb_destroy_extracted(duckdb_statements*);
int duckdb_prepare_extracted_statement(duckdb_connection, duckdb_statements, std::uint64_t index, duckdb_prepared*);
int duckdb_prepare(duckdb_connection, const char* query, duckdb_prepared*);
const char* duckdb_prepare_error(duckdb_prepared);
int duckdb_prepared_statement_type(duckdb_prepared);
std::uint64_t duckdb_nparams(duckdb_prepared);
void duckdb_destroy_prepare(duckdb_prepared*);

int duckdb_pending_prepared_streaming(duckdb_prepared, duckdb_pending*);
const char* duckdb_pending_error(duckdb_pending);
int duckdb_execute_pending(duckdb_pending, duckdb_result*);
void duckdb_destroy_pending(duckdb_pending*);

duckdb_chunk duckdb_fetch_chunk(duckdb_result);  // null at the end and after an error
std::uint64_t duckdb_data_chunk_get_size(duckdb_chunk);
std::uint64_t duckdb_data_chunk_get_column_count(duckdb_chunk);
duckdb_vector duckdb_data_chunk_get_vector(duckdb_chunk, std::uint64_t column);
void* duckdb_vector_get_data(duckdb_vector);
std::uint64_t* duckdb_vector_get_validity(duckdb_vector);  // a bit a row; null where all rows have a value
void duckdb_destroy_data_chunk(duckdb_chunk*);
}
