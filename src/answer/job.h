// Many records through one program: a stream in, an answer a record out, in order, in bounded memory. Records are taken
// in small chunks; what the records of a chunk ask of a network goes to it in one batch.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "answer/pack.h"
#include "answer/parts.h"
#include "media/media.h"
#include "tenfold/answer.h"

namespace tenfold::answer {

struct JobOptions {
  std::vector<std::string> inputs;  // files, folders, globs
  unsigned threads = 1;
  std::size_t chunk = 16;                              // records that share network batches
  std::size_t skip = 0;                                // records at the start that an earlier run has answered
  std::function<bool(const std::string& input)> only;  // records that are run; empty: all
  std::optional<std::int64_t> as_of;                   // microseconds; without it each record's newest event
};

struct JobLine {
  std::string input;      // "day.ndjson#17"
  Result<Answer> answer;  // or why there is none
};

struct JobTotals {
  std::uint64_t records = 0, failed = 0, abstained = 0, answers = 0;
  std::uint64_t bytes = 0;
  Receipt receipt;  // of all records; cpu_s and wall_s are of the whole job, reading included
  double read_s = 0.0, evaluate_s = 0.0, network_s = 0.0;  // CPU seconds, summed over threads
};

/// Calls `sink` for each record in the order of the inputs; stops early when it returns false. Errors that concern one
/// record are lines; the returned error is one that ends the job.
Result<JobTotals> run_job(const Pack& pack, const std::shared_ptr<const Program::Parts>& parts,
                          const JobOptions& options, const std::function<bool(const JobLine&)>& sink);

/// The relations that the pack's adapters fill, with those that the job adds: term(r, name) where the pack names terms.
std::vector<FactSchema> adapter_schema(const Pack& pack);

/// Lets `sources` read files, and networks see what their keys name (media/key.h), in up to `lanes` processes at once.
/// Whole PNG and JPEG files are decoded in this process.
void read_media(Sources& sources, unsigned lanes);

}  // namespace tenfold::answer
