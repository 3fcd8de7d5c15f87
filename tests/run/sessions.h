// A program text through a session with stub networks: what is decided, and what networks are asked, in which order.
#pragma once

#include <string>
#include <vector>

#include "run/answers.h"
#include "tenfold/session.h"

namespace tenfold::answers {

struct StubNetwork {
  std::map<Row, Saying> sayings;
  double flops = 1.0;
};

struct Decided {
  std::map<std::string, std::set<Row>> yes;  // by query
  std::vector<std::string> asked;            // "network input", in the order of calls
  std::uint64_t spared = 0;                  // by bounds, as the receipt has it
  std::vector<std::string> remarks;
};

Result<Decided> decide(const std::string& program, const std::map<std::string, StubNetwork>& networks,
                       const tenfold::Settings& settings);

}  // namespace tenfold::answers
