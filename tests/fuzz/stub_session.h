// A program text in a session whose networks are stubs: what the programs of levers and refusals are asked through.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "answer/parts.h"
#include "run/answers.h"
#include "tenfold/session.h"

namespace tenfold::fuzz {

/// By name, what each network of the text is. Parts say which levers are on.
struct StubSession {
  std::shared_ptr<const Program::Parts> parts;
  Session session;
};
Result<StubSession> open_stubs(const std::string& text, std::map<std::string, neural::NetworkDescription> networks,
                               const Settings& settings);

/// Whether what was abstained from has the tuple among it: "_" stands for any value.
bool takes_in(const answers::Row& abstained, const answers::Row& tuple);

}  // namespace tenfold::fuzz
