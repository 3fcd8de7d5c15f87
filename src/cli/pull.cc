#include <fmt/format.h>
#include <unistd.h>

#include <cctype>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "cli/commands.h"
#include "neural/download.h"

namespace tenfold::cli {
namespace {

namespace fs = std::filesystem;

// The first file that says a name holds: the site's, a pack's, the program's.
std::vector<fs::path> weights_files() {
  std::vector<fs::path> files;
  if (const fs::path own = answer::config_folder(); !own.empty()) files.push_back(own / "weights.toml");
  std::error_code failed;
  for (const fs::path& packs : answer::pack_folders()) {
    for (const auto& pack : fs::directory_iterator(packs, failed)) files.push_back(pack.path() / "weights.toml");
    files.push_back(packs / ".." / "weights.toml");
  }
  return files;
}

Result<std::map<std::string, neural::Weights>> known() {
  std::map<std::string, neural::Weights> all;
  for (const fs::path& path : weights_files()) {
    std::ifstream file(path, std::ios::binary);
    if (!file) continue;
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    auto here = neural::parse_weights(text, path.string());
    if (!here) return here.error();
    all.merge(*here);
  }
  return all;
}

std::string size_text(std::uint64_t bytes) { return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1 << 20)); }

int list(const std::map<std::string, neural::Weights>& all) {
  for (const auto& [name, weights] : all)
    std::cout << fmt::format("{}  {}{}\n  {}\n", name, weights.licence,
                             weights.size ? ", " + size_text(weights.size) : "", weights.about);
  return 0;
}

// Shows the licence. Nobody agrees for a person: it takes --yes, or a yes at a terminal.
bool agreed(const neural::Weights& weights, bool yes) {
  std::cerr << fmt::format("{}: {}\n{}\n", weights.name, weights.licence, weights.licence_text);
  if (yes) return true;
  if (!isatty(0) || !isatty(2)) {
    std::cerr << "tenfold: read the licence above; --yes agrees to it\n";
    return false;
  }
  std::cerr << "Agree, and fetch it? [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "yes";
}

// What a person names by its address. Of a file here its whole path is one.
Result<neural::Weights> named_by_address(const Options& options) {
  neural::Weights weights;
  const std::string& target = options.target;
  std::error_code failed;
  weights.url = target;
  if (target.find("://") == std::string::npos) {
    weights.url = "file://";
    for (const char c : fs::absolute(target).string()) {
      const bool plain =
          std::isalnum(static_cast<unsigned char>(c)) || std::string_view("/._-~").find(c) != std::string_view::npos;
      weights.url += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    weights.size = fs::file_size(target, failed);
    if (failed) weights.size = 0;
  }
  std::string name = target.substr(0, target.find_first_of("?#"));
  name = name.substr(name.rfind('/') + 1);
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_')
      c = c == '.' && &c != name.data() ? c : '_';
  if (name.empty())
    return Error{"bad-weights", {}, "the address " + target + " ends in no file name", "give that of a file", ""};
  weights.name = weights.file = name;
  weights.sha256 = options.sha256;
  weights.licence = "not known here";
  weights.licence_text = "Its licence is what its source says; look there before you use it or pass it on.";
  return weights;
}

}  // namespace

int pull(const Options& options) {
  auto all = known();
  if (!all) return fail(all.error());
  if (options.target.empty()) return list(*all);
  neural::Weights weights;
  std::error_code failed;
  if (const auto found = all->find(options.target); found != all->end()) {
    weights = found->second;
  } else if (options.target.find("://") != std::string::npos || fs::is_regular_file(options.target, failed)) {
    auto named = named_by_address(options);
    if (!named) return fail(named.error());
    weights = std::move(*named);
  } else {
    return fail(Error{"unknown-weights",
                      {},
                      "there are no weights `" + options.target + "`",
                      "tenfold pull alone lists them; an address or a file will do as well",
                      ""});
  }
  if (!agreed(weights, options.yes)) return 2;
  const fs::path cache = cache_folder();
  if (cache.empty()) {
    std::cerr << "tenfold: set HOME or TENFOLD_CACHE: there is no folder to put it in\n";
    return 2;
  }
  const bool bar = isatty(2) != 0;
  std::uint64_t shown = 0;
  const auto done =
      neural::download(weights, cache / "weights" / weights.name, [&](std::uint64_t now, std::uint64_t total) {
        if (!bar || (now >= shown && now < shown + (1 << 20))) return;
        shown = now;
        std::cerr << "\r\x1b[K" << weights.file << "  " << size_text(now)
                  << (total ? fmt::format(" of {}  {}%", size_text(total), 100 * now / total) : "") << std::flush;
      });
  if (bar && shown > 0) std::cerr << "\r\x1b[K" << std::flush;
  if (!done) return fail(done.error());
  if (weights.sha256.empty())
    std::cerr << "sha256 " << done->sha256 << "; nothing was given to compare it with (--sha256)\n";
  if (done->was_there) std::cerr << "it was there already\n";
  std::cout << done->file.string() << "\n";
  return 0;
}

}  // namespace tenfold::cli
