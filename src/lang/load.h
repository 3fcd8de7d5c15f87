// Reads a program and all that it imports: depth first, each file once, imports relative to the importing file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "lang/draft.h"

namespace tenfold::lang {

/// Fills unit.files. `text` is file 0; its imports are relative to `folder`.
void load(Unit& unit, std::string text, const std::string& name, const std::filesystem::path& folder,
          const std::vector<std::filesystem::path>& overlays);

/// A whole file, at most kMaxSourceBytes.
Result<std::string> read_source(const std::filesystem::path& file);

}  // namespace tenfold::lang
