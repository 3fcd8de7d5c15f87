// Auditing a run: what the levers spared is really run for a random share, and told apart from the run itself.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "answer/job.h"
#include "answer/pack.h"
#include "cli/options.h"

namespace tenfold::cli {

/// Of whole records: the sampled ones were run again with the dearest stages, every input of every network's domain and
/// no lever, and what was decided is compared.
struct RecordAudit {
  std::uint64_t audited = 0, disagreed = 0;
  Receipt receipt;  // of the second run alone
};

/// `decided` holds the decisions of the sampled records as they were in the run itself.
Result<RecordAudit> audit_records(const Options& options, const answer::Pack& pack, answer::JobOptions job,
                                  const std::map<std::string, std::set<std::string>>& decided);

/// The audit of the networks and, for a pack, of the records: shares with their exact 95% intervals, and the guarantees
/// with whether they hold. A promise about decisions is withdrawn when the records' lower end exceeds its error.
nlohmann::ordered_json audit_json(const Program::Parts& parts, const RecordAudit* records);
std::string audit_text(const Program::Parts& parts, const RecordAudit* records);

}  // namespace tenfold::cli
