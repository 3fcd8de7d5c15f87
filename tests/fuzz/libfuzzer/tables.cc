// Any bytes as JSON Lines, SQLite or CSV: what the adapter `table` says of them, and their rows as facts of types that
// the first bytes choose. Every row that is read has its columns and an origin; every failure says what is wrong.
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "media/adapter.h"
#include "media/tables/table_file.h"

namespace {

using namespace tenfold;

void check(const Error& error) {
  if (error.code.empty() || error.what.empty()) std::abort();
  (void)render(error);
}

std::filesystem::path folder() {
  auto path = std::filesystem::temp_directory_path() / ("fuzz-tables-" + std::to_string(getpid()));
  std::filesystem::create_directories(path);
  return path;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  static const std::filesystem::path where = folder();
  static constexpr std::array kFormats = {"json", "sqlite", "csv"};
  static constexpr std::array kNames = {"t.jsonl", "t.db", "RXNSTY.RRF"};
  const std::size_t format = data[0] % kFormats.size();
  const std::string path = (where / kNames[format]).string();
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(data + 3), static_cast<long>(size - 3));

  media::Limits limits;
  limits.seconds = 5;
  if (const auto medium = media::table_adapter().open(path, kFormats[format], limits)) {
    for (std::size_t relation = 0; relation < 3; ++relation) {
      const auto facts = (*medium)->read(relation, {});
      if (!facts) {
        check(facts.error());
        continue;
      }
      for (const media::MediaFact& fact : *facts)
        if (fact.values.size() + 1 != media::table_adapter().relations[relation].columns.size()) std::abort();
    }
  } else {
    check(medium.error());
  }

  media::TableInput input;
  input.file = {path, "t", {}, "facts", {}, true};
  input.columns = {"a", "b"};
  input.skip_nulls = data[0] & 128;
  if (format == 1) input.query = "SELECT a, b FROM t";
  if (format == 2) input.file.options.fields = {"RXCUI", "STY"};
  for (std::uint8_t type : {data[1], data[2]})
    input.file.types.push_back(static_cast<Type>(type % (static_cast<int>(Type::datetime) + 1)));
  Symbols symbols;
  std::uint64_t left_out = 0;
  const auto table = media::read_table(input, symbols, &left_out);
  if (!table) {
    check(table.error());
    return 0;
  }
  if (table->cells.size() != table->rows() * input.file.types.size()) std::abort();
  if (left_out > 0 && !input.skip_nulls) std::abort();
  return 0;
}
