// What each subcommand does. Results go to stdout, all else to stderr. Exit status: 0 done, 1 the input or the program
// was wrong, 2 the command line was wrong, 3 something outside failed (disk, network, memory, time).
#pragma once

#include "answer/job.h"
#include "answer/pack.h"
#include "answer/parts.h"
#include "answer/prices.h"
#include "cli/options.h"

namespace tenfold::cli {

int run_program(const Options& options);
int run_pack(const Options& options, const answer::Pack& pack);
int explain(const Options& options);
int check(const Options& options);
/// `tenfold` without arguments: is there someone to talk with, a terminal or a pipe that is not empty?
bool has_conversation();
int converse(const Options& options);
int why(const Options& options);
int memo(const Options& options);
int calibrate(const Options& options, const answer::Pack& pack);
int distil(const Options& options, const answer::Pack& pack);
int pull(const Options& options);

/// A program file, or else a pack.
bool is_program(const std::string& target);
/// Settings and sources of a pack with the command line's on top.
Settings pack_settings(const Options& options, const answer::Pack& pack);
answer::Sources pack_sources(const Options& options, const answer::Pack& pack);

/// Those of a run without any lever, which what was decided is compared with: no proofs.
Settings pack_settings_without_levers(const Options& options, const answer::Pack& pack);
/// --as-of, which may be empty. False: it is no date, and that was said.
bool read_as_of(const Options& options, std::optional<std::int64_t>& as_of);

/// Sources of a program with the command line's.
answer::Sources program_sources(const Options& options);

struct Prediction {
  Receipt receipt;
  std::string rests_on;  // answer::experience_text
};
/// The receipt that a run over these inputs is to be expected to have. No network runs (answer/forecast.h).
Result<Prediction> predict_program(const std::string& program, const Settings& settings,
                                   const answer::Sources& sources);
Result<Prediction> predict_pack(const answer::Pack& pack, const Settings& settings, const answer::Sources& sources,
                                const answer::JobOptions& job);

/// Where what is fetched and remembered lies, by the rule of scripts/cache-folder; empty where nothing says.
std::filesystem::path cache_folder();
/// The memo on disk that the command line, TENFOLD_MEMO, the pack (which may be null) or else the user's cache folder
/// names; null where one of them says off.
std::shared_ptr<store::DiskMemo> open_memo(const Options& options, const answer::Pack* pack = nullptr);

/// Prints errors to stderr and says which exit status they mean.
int fail(const Error& error);
int fail(const std::vector<Error>& errors, const Error& first);
/// Of --prices, or where prices.toml is found.
Result<answer::Prices> prices(const Options& options);
bool colour_on(int descriptor);
unsigned thread_count(const Options& options);

}  // namespace tenfold::cli
