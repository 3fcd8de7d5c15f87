// The module libtenfold_postgres.so: the rows of a query that a PostgreSQL server answers, in a transaction that can
// only read, one row at a time.
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
    // The extended protocol takes one statement, so nothing can end the transaction.
    if (PQsendQueryParams(connection, source.query.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) != 1 ||
        PQsetSingleRowMode(connection) != 1)
      return failed(PQerrorMessage(connection));
    result_.reset(PQgetResult(connection));
    const ExecStatusType status = PQresultStatus(result_.get());
    if (status != PGRES_SINGLE_TUPLE && status != PGRES_TUPLES_OK)
      return failed(status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY ? "this is no query that has rows"
                    : status == PGRES_COPY_OUT || status == PGRES_COPY_IN     ? "COPY is no query"
                                                                              : PQresultErrorMessage(result_.get()));
    for (int i = 0; i < PQnfields(result_.get()); ++i) {
      columns_.push_back({PQfname(result_.get(), i), type_name(PQftype(result_.get(), i))});
      kinds_.push_back(kind_of(PQftype(result_.get(), i)));
    }
    return {};
  }

  std::span<const TableColumn> columns() const override { return columns_; }
  std::uint64_t row() const override { return row_; }

  Result<bool> next(std::span<TableCell> cells) override {
    if (row_ > 0) result_.reset(PQgetResult(connection_.get()));
    const ExecStatusType status = PQresultStatus(result_.get());
    if (status == PGRES_TUPLES_OK) return false;
    if (status != PGRES_SINGLE_TUPLE) return failed(PQresultErrorMessage(result_.get()));
    ++row_;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const int column = static_cast<int>(i);
      cells[i] = {};
      if (PQgetisnull(result_.get(), 0, column)) continue;
      const std::string_view text(PQgetvalue(result_.get(), 0, column),
                                  static_cast<std::size_t>(PQgetlength(result_.get(), 0, column)));
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
    const std::unique_ptr<PGresult, Finish> result(PQexec(connection_.get(), text));
    if (PQresultStatus(result.get()) == PGRES_COMMAND_OK) return {};
    return failed(PQresultErrorMessage(result.get()));
  }
  Error failed(const char* why) const {
    return {"table-query", {name_}, one_line(why), "write one SELECT that the server can answer", ""};
  }

  std::string name_;
  std::unique_ptr<PGconn, Finish> connection_;
  std::unique_ptr<PGresult, Finish> result_;
  std::vector<TableColumn> columns_;
  std::vector<Kind> kinds_;
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
