// Any bytes as a CSV file. The first bytes choose options and column types: every row that is read has its columns, an
// origin, and where the file has them a probability.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "media/csv.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold;
  if (size < 3) return 0;
  media::CsvInput input;
  const std::uint8_t options = data[0];
  input.options.header = options & 1;
  input.options.has_probability = options & 2;
  input.options.delimiter = ",;\t|"[options >> 2 & 3];
  if (options & 16) input.options.keys = {"id"};
  if (options & 32) input.options.fields = {"b", "a"};
  for (std::uint8_t types = data[1], columns = 1 + (data[2] & 3); columns > 0; --columns, types = static_cast<std::uint8_t>(types * 7 + 3))
    input.types.push_back(static_cast<Type>(types % (static_cast<int>(Type::datetime) + 1)));
  const int file = memfd_create("facts", 0);
  if (file < 0 || write(file, data + 3, size - 3) != static_cast<ssize_t>(size - 3)) std::abort();
  input.path = "/proc/self/fd/" + std::to_string(file);
  input.name = "facts.csv";
  input.relation = "facts";
  Symbols symbols;
  const auto table = media::read_csv(input, symbols);
  close(file);
  if (!table) {
    (void)render(table.error());
    return 0;
  }
  if (table->cells.size() != table->rows() * input.types.size()) std::abort();
  if (input.options.has_probability && table->probabilities.size() != table->rows()) std::abort();
  for (const double p : table->probabilities)
    if (!(p >= 0.0 && p <= 1.0)) std::abort();
  return 0;
}
