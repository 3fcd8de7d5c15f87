#include "fuzz/stub_session.h"

#include <algorithm>

namespace tenfold::fuzz {

Result<StubSession> open_stubs(const std::string& text, std::map<std::string, neural::NetworkDescription> networks,
                               const Settings& settings) {
  answer::Sources sources;
  sources.text = text;
  sources.described = std::move(networks);
  auto parts = answer::make_parts("fuzz.scl", settings, sources, nullptr);
  if (!parts) return parts.error();
  auto session = Session::open(Program(*parts));
  if (!session) return session.error();
  return StubSession{std::move(*parts), std::move(*session)};
}

bool takes_in(const answers::Row& abstained, const answers::Row& tuple) {
  return std::equal(abstained.begin(), abstained.end(), tuple.begin(), tuple.end(),
                    [](const std::string& any, const std::string& value) { return any == "_" || any == value; });
}

}  // namespace tenfold::fuzz
