#include "lang/load.h"

#include <fstream>
#include <set>
#include <system_error>

#include "lang/parser.h"

namespace tenfold::lang {
namespace {

namespace fs = std::filesystem;

// What a program with its imports may be: bounds the memory of one that imports by the thousand.
constexpr std::size_t kMaxFiles = 1000;
constexpr std::size_t kMaxTotalBytes = 4 * kMaxSourceBytes;

class Loader {
 public:
  explicit Loader(Unit& unit) : unit_(unit) {}

  void file(std::string text, const std::string& name, const fs::path& folder) {
    bytes_ += text.size();
    const std::uint32_t id = unit_.sources.add(name, std::move(text));
    unit_.files.push_back(parse(unit_.sources, id, unit_.diagnostics));
    syntax::File& file = unit_.files.back();
    unit_.doubtful.insert(file.doubtful.begin(), file.doubtful.end());
    folders_.push_back(folder);
  }

  void remember(const fs::path& path) { seen_.insert(identity(path)); }

  /// Files are numbered as they are met; a file's imports are followed once it was read.
  void imports() {
    for (std::size_t i = 0; i < unit_.files.size(); ++i)
      for (const syntax::Item& item : unit_.files[i].items)
        if (const auto* import = std::get_if<syntax::Import>(&item.what)) follow(*import, folders_[i]);
  }

  void overlay(const fs::path& path) {
    if (!seen_.insert(identity(path)).second) return;
    auto text = read_source(path);
    if (text) return file(std::move(*text), path.string(), path.parent_path());
    unit_.incomplete = true;
    unit_.diagnostics.error_at(text.error());
  }

 private:
  static std::string identity(const fs::path& path) {
    std::error_code failed;
    const fs::path real = fs::weakly_canonical(path, failed);
    return (failed ? path.lexically_normal() : real).string();
  }

  void follow(const syntax::Import& import, const fs::path& folder) {
    const std::string written = unescape(literal_body(Tok::string, unit_.sources.text(import.path)));
    const fs::path path = (folder / written).lexically_normal();
    if (!seen_.insert(identity(path)).second) return;
    auto fail = [&](std::string what, std::string hint) {
      unit_.incomplete = true;
      unit_.error("import", import.path, std::move(what), std::move(hint));
    };
    if (unit_.files.size() >= kMaxFiles || bytes_ > kMaxTotalBytes)
      return fail("this program imports too much",
                  "keep a program under 1000 files and 64 MiB; large tables belong in @file");
    auto text = read_source(path);
    if (!text) return fail(text.error().what, text.error().hint);
    file(std::move(*text), path.string(), path.parent_path());
  }

  Unit& unit_;
  std::vector<fs::path> folders_;
  std::set<std::string> seen_;
  std::size_t bytes_ = 0;
};

}  // namespace

Result<std::string> read_source(const fs::path& file) {
  const Place place{file.string(), 0, 0, 1};
  std::error_code failed;
  if (fs::is_directory(file, failed))
    return Error{"cannot-read", place, ticked(file.string()) + " is a folder", "name a .scl file in it", ""};
  std::ifstream in(file, std::ios::binary);
  if (!in)
    return Error{"cannot-read", place, "cannot read " + ticked(file.string()), "check that the file is there", ""};
  std::string text;
  std::vector<char> block(std::size_t{1} << 16);
  while (text.size() <= kMaxSourceBytes) {
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    text.append(block.data(), static_cast<std::size_t>(in.gcount()));
    if (!in) break;
  }
  if (in.bad())
    return Error{"cannot-read", place, "reading " + ticked(file.string()) + " failed", "check the disk", ""};
  if (text.size() > kMaxSourceBytes)
    return Error{"too-large", place, ticked(file.string()) + " is larger than 16 MiB",
                 "put large tables into a CSV: @file(\"table.csv\")", ""};
  return text;
}

void load(Unit& unit, std::string text, const std::string& name, const fs::path& folder,
          const std::vector<fs::path>& overlays) {
  Loader loader(unit);
  loader.remember(folder / fs::path(name).filename());
  loader.file(std::move(text), name, folder);
  loader.imports();
  for (const fs::path& overlay : overlays) loader.overlay(overlay);
  if (!overlays.empty()) loader.imports();
}

}  // namespace tenfold::lang
