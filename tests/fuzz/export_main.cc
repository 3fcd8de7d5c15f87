// Writes random programs for other systems, with the answers of the engine: FOLDER/SEED.pl with SEED.exact for ProbLog,
// SEED.lp with SEED.unit for clingo. An answer a line: probability, query, values, separated by tabs.
//   fuzz_export FOLDER FIRST COUNT
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/value_text.h"
#include "fuzz/check.h"
#include "fuzz/other_systems.h"
#include "lang/lang.h"

namespace {

using namespace tenfold;

void write(const std::filesystem::path& file, const fuzz::Source& source, const lang::Program& program,
           fuzz::System system) {
  const auto text = fuzz::translated(source, program, system);
  const bool exact = system == fuzz::System::problog;
  answers::Settings settings;
  settings.provenance = exact ? "exact" : "unit";
  const auto run = answers::run(program, settings, fuzz::stub_of(source));
  if (!text || !run) return;
  std::ofstream(file.string() + (exact ? ".pl" : ".lp")) << *text;
  std::ofstream out(file.string() + (exact ? ".exact" : ".unit"));
  for (std::size_t q = 0; q < program.queries.size(); ++q)
    for (const auto& [row, p] : run->answers.at(program.queries[q].name)) {
      out << number_text(p) << "\tq" << q;
      for (const std::string& value : row) out << "\t" << value;
      out << "\n";
    }
}

// What the other systems lack; what reads it then finds nothing.
bool beyond_others(const fuzz::Item& item) {
  const std::string words = fuzz::text(item);
  for (const char* word : {":= ", "exists(", "forall(", "bound0", "range<", "List", "has(", "rel sum("})
    if (words.find(word) != words.npos) return true;
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const std::uint64_t first = std::strtoull(argv[2], nullptr, 10), count = std::strtoull(argv[3], nullptr, 10);
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    fuzz::Source source = fuzz::generate(seed);
    std::erase_if(source.items, beyond_others);
    const lang::Compiled compiled = lang::compile_text(fuzz::text(source));
    if (!compiled.ok()) continue;
    const std::filesystem::path file = std::filesystem::path(argv[1]) / std::to_string(seed);
    write(file, source, compiled.program, fuzz::System::problog);
    write(file, source, compiled.program, fuzz::System::clingo);
  }
  return 0;
}
