#include "answer/pack.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <cstdlib>

#include "media/reader.h"

namespace tenfold::answer {
namespace fs = std::filesystem;

namespace {

Error bad(const fs::path& file, const toml::node* node, std::string what, std::string hint) {
  Place place{file.string(), 0, 0, 1};
  if (node) {
    place.line = node->source().begin.line;
    place.column = node->source().begin.column;
  }
  return Error{"bad-pack", std::move(place), std::move(what), std::move(hint), ""};
}

Result<Pack> from_toml(const toml::table& file, const fs::path& path) {
  Pack pack;
  pack.folder = path.parent_path();
  const auto name = file["pack"]["name"].value<std::string>();
  const auto program = file["pack"]["program"].value<std::string>();
  if (!name || !program)
    return bad(path, file["pack"].node(), "a pack needs a name and a program",
               "write [pack] with name = \"…\" and program = \"rules/….scl\"");
  pack.name = *name;
  pack.program = fs::absolute(pack.folder / *program);
  if (!fs::exists(pack.program))
    return bad(path, file["pack"]["program"].node(), "there is no program " + *program,
               "give a path relative to the pack's folder");
  pack.provenance = file["pack"]["provenance"].value_or(std::string());
  pack.k = static_cast<std::size_t>(file["pack"]["k"].value_or(std::int64_t{3}));
  pack.decide = file["pack"]["decide"]["relation"].value_or(std::string());
  pack.threshold = file["pack"]["decide"]["threshold"].value_or(0.5);
  const std::int64_t top = file["pack"]["decide"]["top"].value_or(std::int64_t{0});
  if (top < 0)
    return bad(path, file["pack"]["decide"]["top"].node(), "top = " + std::to_string(top) + " winners", "top = 1");
  pack.winners = static_cast<std::size_t>(top);
  pack.tolerance = file["pack"]["decide"]["tolerance"].value_or(0.0);
  if (pack.winners > 0 && file["pack"]["decide"]["threshold"])
    return bad(path, file["pack"]["decide"].node(), "answers are decided by a threshold or as the likeliest",
               "leave out threshold or top");
  pack.abstain = file["pack"]["abstain"]["relation"].value_or(std::string());
  if (const toml::node* conflicts = file["pack"]["conflicts"].node()) {
    const toml::array* pairs = conflicts->as_array();
    for (std::size_t i = 0; pairs && i < pairs->size(); ++i) {
      const toml::array* pair = pairs->get(i)->as_array();
      const bool two = pair && pair->size() == 2 && pair->is_homogeneous(toml::node_type::string);
      if (!two) return bad(path, pairs->get(i), "a conflict is two relations", "conflicts = [[\"approve\", \"deny\"]]");
      pack.conflicts.emplace_back(pair->get_as<std::string>(0)->get(), pair->get_as<std::string>(1)->get());
    }
    if (!pairs) return bad(path, conflicts, "conflicts is a list of pairs", "conflicts = [[\"approve\", \"deny\"]]");
  }
  pack.records = file["input"]["records"].value_or(std::string());
  pack.images = file["input"]["images"].value_or(std::string());
  pack.terms = file["input"]["terms"].value_or(std::string());
  if (!pack.records.empty() && pack.records != "fhir-r4")
    return bad(path, file["input"]["records"].node(), "unknown adapter `" + pack.records + "`",
               "records = \"fhir-r4\"");
  if (!pack.images.empty() && pack.images != "dicom")
    return bad(path, file["input"]["images"].node(), "unknown adapter `" + pack.images + "`", "images = \"dicom\"");
  if (const toml::node* media = file["input"]["media"].node()) {
    const toml::array* names = media->as_array();
    if (!names || !names->is_homogeneous(toml::node_type::string))
      return bad(path, media, "media is a list of adapters", "media = [\"document\", \"image\"]");
    for (const auto& adapter : *names) {
      pack.media.push_back(adapter.value_or(std::string()));
      if (!media::find_adapter(pack.media.back()))
        return bad(path, &adapter, "unknown adapter `" + pack.media.back() + "`",
                   "tenfold explain --input FILE says what reads a file");
    }
  }
  if (const toml::table* networks = file["network"].as_table())
    for (const auto& [key, value] : *networks) {
      const std::string network(key.str());
      const std::string model =
          value.as_table() ? (*value.as_table())["file"].value_or("networks/" + network + "/" + network + ".toml")
                           : std::string();
      pack.networks[network] = (pack.folder / model).string();
    }
  pack.memo = file["memo"]["folder"].value_or(std::string());
  if (!pack.memo.empty()) pack.memo = (pack.folder / pack.memo).string();
  if (!file["memo"]["on"].value_or(true)) pack.memo = "off";
  pack.memo_mib = file["memo"]["max_mib"].value_or(pack.memo_mib);
  if (const toml::table* titles = file["text"].as_table())
    for (const auto& [key, value] : *titles) pack.titles[std::string(key.str())] = value.value_or(std::string());
  if (const toml::array* quiet = file["pack"]["quiet"].as_array())
    for (const auto& relation : *quiet) pack.quiet.push_back(relation.value_or(std::string()));
  return pack;
}

}  // namespace

fs::path config_folder() {
  const char* config = std::getenv("XDG_CONFIG_HOME");
  const char* home = std::getenv("HOME");
  if (!config && !home) return {};
  return (config ? fs::path(config) : fs::path(home) / ".config") / "tenfold";
}

std::vector<fs::path> program_folders() {
  std::vector<fs::path> out;
  std::error_code failed;
  const fs::path self = fs::read_symlink("/proc/self/exe", failed);
  if (failed) return out;
  out.push_back(self.parent_path() / "../share/tenfold");
  for (fs::path up = self.parent_path(); up.has_relative_path(); up = up.parent_path()) out.push_back(up);
  return out;
}

std::vector<fs::path> pack_folders() {
  std::vector<fs::path> out;
  if (const char* named = std::getenv("TENFOLD_PACKS")) out.emplace_back(named);
  out.emplace_back("packs");
  for (const fs::path& folder : program_folders()) out.push_back(folder / "packs");
  return out;
}

fs::path site_path(const std::string& pack) {
  const fs::path config = config_folder();
  return config.empty() ? config : config / pack;
}

fs::path site_folder(const std::string& pack) {
  const fs::path folder = site_path(pack);
  std::error_code failed;
  return fs::is_directory(folder, failed) ? folder : fs::path();
}

Result<Pack> read_pack(const std::string& name, const std::vector<fs::path>& search) {
  std::vector<fs::path> candidates{fs::path(name)};
  if (name.find('/') == std::string::npos)
    for (const fs::path& folder : search) candidates.push_back(folder / name);
  for (const fs::path& folder : candidates) {
    const fs::path file = folder / "pack.toml";
    std::error_code failed;
    if (!fs::is_regular_file(file, failed)) continue;
    try {
      return from_toml(toml::parse_file(file.string()), file);
    } catch (const toml::parse_error& e) {
      const auto at = e.source().begin;
      return Error{"malformed-toml",
                   {file.string(), at.line, at.column, 1},
                   std::string(e.description()),
                   "correct the file",
                   ""};
    }
  }
  std::string tried;
  for (const fs::path& folder : search) tried += (tried.empty() ? "" : ", ") + folder.lexically_normal().string();
  return Error{"unknown-pack",
               {},
               "there is no pack `" + name + "`",
               "give a folder with pack.toml, or the name of one in " + tried,
               ""};
}

}  // namespace tenfold::answer
