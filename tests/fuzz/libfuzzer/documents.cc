// Any bytes as a document. The first byte chooses the format: whatever opens, its relations are read or refused with a
// reason, and a fact has the columns of its schema.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "media/adapter.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold;
  using namespace tenfold::media;
  if (size < 2) return 0;
  static const Adapter adapter = document_adapter();
  constexpr std::string_view kFormats[] = {"pdf", "docx", "html", "eml", "text"};  // pictures have targets of their own
  Limits limits;
  limits.memory_bytes = 64u << 20;
  limits.expanded_bytes = 16u << 20;
  limits.decoded_pixels = 250'000;
  limits.pages = 20;
  limits.seconds = 5.0;
  const int file = memfd_create("document", 0);
  if (file < 0 || write(file, data + 1, size - 1) != static_cast<ssize_t>(size - 1)) std::abort();
  const auto medium =
      adapter.open("/proc/self/fd/" + std::to_string(file), kFormats[data[0] % std::size(kFormats)], limits);
  if (!medium.ok() && medium.error().what.empty()) std::abort();
  for (std::size_t relation = 0; medium.ok() && relation < adapter.relations.size(); ++relation) {
    const auto facts = (*medium)->read(relation, {});
    if (!facts.ok() && facts.error().what.empty()) std::abort();
    if (!facts.ok()) continue;
    for (const MediaFact& fact : *facts)
      if (fact.values.size() + 1 != adapter.relations[relation].columns.size()) std::abort();
  }
  close(file);
  return 0;
}
