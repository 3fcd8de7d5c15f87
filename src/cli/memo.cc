#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "answer/render.h"
#include "cli/commands.h"

namespace tenfold::cli {
namespace {

namespace fs = std::filesystem;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// Empty: off.
fs::path folder(const Options& options, const answer::Pack* pack) {
  for (const std::string& named : {options.memo, environment("TENFOLD_MEMO"), pack ? pack->memo : std::string()}) {
    if (named == "off") return {};
    if (!named.empty()) return named;
  }
  const fs::path cache = cache_folder();
  return cache.empty() ? cache : cache / "memo";
}

}  // namespace

fs::path cache_folder() {
  if (const std::string own = environment("TENFOLD_CACHE"); !own.empty()) return own;
  if (const std::string cache = environment("XDG_CACHE_HOME"); !cache.empty()) return fs::path(cache) / "tenfold";
  if (const std::string home = environment("HOME"); !home.empty()) return fs::path(home) / ".cache" / "tenfold";
  return {};
}

std::shared_ptr<store::DiskMemo> open_memo(const Options& options, const answer::Pack* pack) {
  store::DiskMemoSettings settings;
  settings.folder = folder(options, pack);
  if (settings.folder.empty() || options.settings.without.contains("reuse")) return nullptr;
  settings.max_bytes = options.memo_mib.value_or(pack ? pack->memo_mib : 1024) << 20;
  settings.warn = [](const Error& warning) { std::cerr << answer::to_warning(warning); };
  return std::make_shared<store::DiskMemo>(std::move(settings));
}

int memo(const Options& options) {
  const auto memo = open_memo(options);
  if (!memo) {
    std::cout << "the memo is off\n";
    return 0;
  }
  std::error_code failed;
  if (!fs::exists(memo->file(), failed)) {
    std::cout << "nothing is remembered yet; it would be in " << memo->file().string() << "\n";
    return 0;
  }
  if (options.clear) {
    if (Status done = memo->clear(); !done) return fail(done.error());
  }
  const auto contents = memo->contents();
  if (!contents) return fail(contents.error());
  std::uint64_t hits = 0;
  for (const store::MemoSource& source : contents->sources) hits += source.hits;
  std::cout << fmt::format("{}  {:.1f} MiB, {} calls saved\n", memo->file().string(),
                           static_cast<double>(contents->file_bytes) / (1 << 20), hits);
  for (const store::MemoSource& source : contents->sources)
    std::cout << fmt::format("  {}  {} answers, {} calls saved\n", source.name, source.entries, source.hits);
  return 0;
}

}  // namespace tenfold::cli
