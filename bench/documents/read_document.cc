// read_document RELATION FILE…: the tuples of a relation of the document adapter, a JSON line a file, with the CPU time
// of reading it; for read.py. A file's pages are asked for one by one, as rules ask.
#include <time.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "media/adapter.h"
#include "media/file_type.h"

namespace {

using namespace tenfold;
using namespace tenfold::media;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

nlohmann::json written(const MediaFact& fact) {
  nlohmann::json row = nlohmann::json::array();
  for (const Value& value : fact.values) std::visit([&](const auto& cell) { row.push_back(cell); }, value);
  row.push_back(fact.place);
  return row;
}

nlohmann::json read(const Adapter& adapter, std::size_t relation, std::size_t pages_of, const std::string& path) {
  nlohmann::json out = {{"file", path}, {"rows", nlohmann::json::array()}};
  const auto failed = [&](const Error& error) { out["error"] = error.code + ": " + error.what; };
  const auto type = file_type_of(path);
  if (!type) return failed(type.error()), out;
  auto medium = adapter.open(path, *type, Limits{});
  if (!medium) return failed(medium.error()), out;
  const auto pages = (*medium)->read(pages_of, {});
  if (!pages) return failed(pages.error()), out;
  out["pages"] = pages->size();
  for (const MediaFact& page : *pages) {
    const auto facts = (*medium)->read(relation, read_key(page.place).part);
    if (!facts) return failed(facts.error()), out;
    for (const MediaFact& fact : *facts) out["rows"].push_back(written(fact));
  }
  return out;
}

}  // namespace

int main(int count, char** arguments) {
  for (const Adapter& adapter : adapters()) {
    if (adapter.name != "document" || count < 3) continue;
    std::size_t relation = adapter.relations.size(), pages = 0;
    for (std::size_t i = 0; i < adapter.relations.size(); ++i) {
      if (adapter.relations[i].relation == arguments[1]) relation = i;
      if (adapter.relations[i].relation == "page") pages = i;
    }
    if (relation == adapter.relations.size()) break;
    for (int i = 2; i < count; ++i) {
      const double before = cpu_seconds();
      nlohmann::json out = read(adapter, relation, pages, arguments[i]);
      out["seconds"] = cpu_seconds() - before;
      std::puts(out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    }
    return 0;
  }
  std::fputs("read_document RELATION FILE…\n", stderr);
  return 2;
}
