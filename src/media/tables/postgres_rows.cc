// The module libtenfold_postgres.so: the rows of a query that a PostgreSQL server answers, in a transaction that can
// only read, some rows at a time.
#include <libpq-fe.h>

#include "media/tables/table_rows.h"

namespace tenfold::media {
namespace {

using Kind = TableCell::Kind;

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
  void operator()(PGresult* result) const { PQclear(result); }
};

// Object identifiers of built-in types: pg_type.dat, the same in all versions.
Kind kind_of(Oid type) {
  switch (type) {
    case 16:
      return Kind::boolean;
    case 20:    // int8
    case 21:    // int2
    case 23:    // int4
    case 26:    // oid
    case 700:   // float4, in the shortest form that reads back
    case 701:   // float8
    case 1700:  // numeric
      return Kind::number;
    case 18:    // "char"
    case 19:    // name
    case 25:    // text
    case 1042:  // char(n)
    case 1043:  // varchar(n)
    case 2950:  // uuid
      return Kind::text;
    case 1082:  // date
    case 1114:  // timestamp
    case 1184:  // timestamptz
      return Kind::time;
    default:
      return Kind::other;
  }
}

std::string one_line(const char* message) {
  std::string out;
  for (const char* c = message; c && *c; ++c) out += *c == '\n' ? ' ' : *c;
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

class PostgresRows : public TableRows {
 public:
  explicit PostgresRows(const TableSource& source) : name_(source.name) {}

  Status open(const TableSource& source) {
    const char* keys[] = {"dbname", "application_name", "connect_timeout", "client_encoding", "options", nullptr};
    const char* values[] = {source.path.c_str(),
                            "tenfold",
                            "10",
                            "UTF8",
                            "-c default_transaction_read_only=on -c TimeZone=UTC -c DateStyle=ISO "
                            "-c extra_float_digits=1 -c bytea_output=hex",
                            nullptr};
    connection_.reset(PQconnectdbParams(keys, values, 1));
    PGconn* connection = connection_.get();
    if (PQstatus(connection) != CONNECTION_OK)
      return Error{"cannot-read",
                   {name_},
                   one_line(PQerrorMessage(connection)),
                   "check that the server runs; a password belongs into PGPASSWORD or ~/.pgpass",
                   ""};
    PQsetNoticeProcessor(
        connection, [](void*, const char*) {}, nullptr);
    if (Status begun = command("BEGIN READ ONLY"); !begun) return begun;
    // A cursor is for a SELECT alone: COPY … TO PROGRAM, which even a transaction that can only read allows, is none.
    // The extended protocol takes one statement, so nothing can end the transaction.
    const std::string declared = "DECLARE rows_of_query NO SCROLL CURSOR FOR\n" + source.query;
    if (Status done = command(declared.c_str()); !done) return done;
    if (Status fetched = fetch(); !fetched) return fetched;
    for (int i = 0; i < PQnfields(result_.get()); ++i) {
      columns_.push_back({PQfname(result_.get(), i), type_name(PQftype(result_.get(), i))});
      kinds_.push_back(kind_of(PQftype(result_.get(), i)));
    }
    return {};
  }

  std::span<const TableColumn> columns() const override { return columns_; }
  std::uint64_t row() const override { return row_; }

  Result<bool> next(std::span<TableCell> cells) override {
    if (at_ == PQntuples(result_.get()) && at_ > 0) {
      if (Status fetched = fetch(); !fetched) return fetched.error();
    }
    if (at_ == PQntuples(result_.get())) return false;
    const int row = at_++;
    ++row_;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const int column = static_cast<int>(i);
      cells[i] = {};
      if (PQgetisnull(result_.get(), row, column)) continue;
      const std::string_view text(PQgetvalue(result_.get(), row, column),
                                  static_cast<std::size_t>(PQgetlength(result_.get(), row, column)));
      cells[i].kind = kinds_[i];
      cells[i].text = text;
      if (kinds_[i] == Kind::number && PQftype(result_.get(), column) < 100) {  // int2, int4, int8, oid
        cells[i].kind = Kind::integer;
        cells[i].integer = std::stoll(std::string(text));
      }
      if (kinds_[i] == Kind::boolean) cells[i].integer = text == "t" ? 1 : 0;
    }
    return true;
  }

 private:
  static std::string type_name(Oid type) {
    switch (type) {
      case 16:
        return "boolean";
      case 20:
        return "int8";
      case 21:
        return "int2";
      case 23:
        return "int4";
      case 25:
        return "text";
      case 700:
        return "float4";
      case 701:
        return "float8";
      case 1043:
        return "varchar";
      case 1082:
        return "date";
      case 1114:
        return "timestamp";
      case 1184:
        return "timestamptz";
      case 1700:
        return "numeric";
      default:
        return "type " + std::to_string(type);
    }
  }

  Status command(const char* text) {
    const std::unique_ptr<PGresult, Finish> result(
        PQexecParams(connection_.get(), text, 0, nullptr, nullptr, nullptr, nullptr, 0));
    if (PQresultStatus(result.get()) == PGRES_COMMAND_OK) return {};
    return failed(PQresultErrorMessage(result.get()));
  }
  /// The next rows, as text.
  Status fetch() {
    result_.reset(
        PQexecParams(connection_.get(), "FETCH 1000 FROM rows_of_query", 0, nullptr, nullptr, nullptr, nullptr, 0));
    at_ = 0;
    if (PQresultStatus(result_.get()) == PGRES_TUPLES_OK) return {};
    return failed(PQresultErrorMessage(result_.get()));
  }
  Error failed(const char* why) const {
    return {"table-query", {name_}, one_line(why), "write one SELECT that the server can answer", ""};
  }

  std::string name_;
  std::unique_ptr<PGconn, Finish> connection_;
  std::unique_ptr<PGresult, Finish> result_;
  std::vector<TableColumn> columns_;
  std::vector<Kind> kinds_;
  int at_ = 0;  // in result_
  std::uint64_t row_ = 0;
};

}  // namespace
}  // namespace tenfold::media

extern "C" __attribute__((visibility("default"))) tenfold::media::TableRows* tenfold_open_table(
    const tenfold::media::TableSource& source, tenfold::Error& error) {
  auto rows = std::make_unique<tenfold::media::PostgresRows>(source);
  if (const tenfold::Status status = rows->open(source); !status) {
    error = status.error();
    return nullptr;
  }
  return rows.release();
}
