// A pack: a folder with pack.toml that says which program answers, which files feed it, and which networks it may ask.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tenfold/result.h"

namespace tenfold::answer {

struct Pack {
  std::string name;
  std::filesystem::path folder;
  std::filesystem::path program;  // absolute
  std::string provenance;         // empty: by the program
  std::size_t k = 3;
  std::string decide;                                          // the relation that is decided …
  double threshold = 0.5;                                      // … by this probability
  std::size_t winners = 0;                                     // or as one of so many likeliest: Settings::winners
  double tolerance = 0.0;                                      // see Settings::tolerance
  std::string abstain;                                         // see Settings::abstain
  std::vector<std::pair<std::string, std::string>> conflicts;  // see Settings::conflicts
  std::string records;                                         // adapter: "fhir-r4", or empty
  std::string images;                                          // adapter: "dicom" (also PNG and JPEG), or empty
  std::vector<std::string>
      media;          // adapters (media/adapter.h) of the files that are given; the first that reads a file
  std::string terms;  // a relation whose first column holds names to find in code_text
  std::map<std::string, std::string> networks;  // name to network file
  std::string memo;                             // folder of the memo on disk, "off", or empty: the user's
  std::uint64_t memo_mib = 1024;                // its bound
  std::vector<std::string> quiet;               // relations left out of the text for people
  std::map<std::string, std::string> titles;    // relation to a line for people, "{tier} {subject}"
};

/// `name` is a folder with pack.toml, or the name of one in `search`. Errors: unknown-pack, malformed-toml, bad-pack.
Result<Pack> read_pack(const std::string& name, const std::vector<std::filesystem::path>& search);

/// What is the user's own: $XDG_CONFIG_HOME/tenfold, else ~/.config/tenfold; empty without a home.
std::filesystem::path config_folder();
/// Where what belongs to the program lies: beside the installed executable, then in each folder above it.
std::vector<std::filesystem::path> program_folders();
/// Where packs lie: $TENFOLD_PACKS, ./packs, beside the executable and where it was built from.
std::vector<std::filesystem::path> pack_folders();

/// Where a site keeps its own rules, tables and calibrations for a pack: $XDG_CONFIG_HOME/tenfold/NAME, if there is
/// such a folder; site_path also if there is none (empty without a home).
std::filesystem::path site_folder(const std::string& pack);
std::filesystem::path site_path(const std::string& pack);

}  // namespace tenfold::answer
