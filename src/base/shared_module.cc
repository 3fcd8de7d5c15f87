#include "base/shared_module.h"

#include <dlfcn.h>
#include <link.h>

#include <cstddef>
#include <filesystem>
#include <system_error>
#include <vector>

namespace tenfold {
namespace {

using Folders = std::vector<std::filesystem::path>;

/// The executable's run path as the loader sees it. Asked for, and not left to dlopen(file), which looks along the run
/// path of whoever calls it: under a sanitizer that is the sanitizer's library.
Folders run_path() {
  Folders folders;
  void* self = dlopen(nullptr, RTLD_NOW);
  Dl_serinfo size{};
  if (!self || dlinfo(self, RTLD_DI_SERINFOSIZE, &size) != 0) return folders;
  std::vector<std::byte> bytes(size.dls_size);
  auto* info = reinterpret_cast<Dl_serinfo*>(bytes.data());
  if (dlinfo(self, RTLD_DI_SERINFOSIZE, info) != 0 || dlinfo(self, RTLD_DI_SERINFO, info) != 0) return folders;
  for (unsigned i = 0; i < info->dls_cnt; ++i) {
    // An empty entry would be the working folder, from which nothing is ever loaded.
    if (const std::filesystem::path folder = info->dls_serpath[i].dls_name; folder.is_absolute())
      folders.push_back(folder);
  }
  return folders;
}

Folders places() {
  std::error_code failed;
  const auto here = std::filesystem::read_symlink("/proc/self/exe", failed).parent_path();
  Folders folders;
  if (!failed) folders = {here, here / ".." / "lib" / "tenfold"};
  for (auto& folder : run_path()) folders.push_back(std::move(folder));
  return folders;
}

std::string not_there(const std::string& file) {
  return file + " is not beside the executable, in ../lib/tenfold, nor on its run path";
}

/// The module's handle, or null and in `why` what the loader said of the first file that was there and did not load.
void* open(const std::string& file, std::string& why) {
  std::error_code failed;
  for (const auto& folder : places()) {
    if (!std::filesystem::exists(folder / file, failed)) continue;
    if (void* handle = dlopen((folder / file).c_str(), RTLD_NOW | RTLD_LOCAL)) return handle;
    if (why.empty()) why = dlerror();
  }
  if (why.empty()) why = not_there(file);
  return nullptr;
}

}  // namespace

Result<std::string> find_beside(const std::string& file) {
  std::error_code failed;
  for (const auto& folder : places())
    if (std::filesystem::exists(folder / file, failed)) return (folder / file).string();
  return Error{"no-module", {}, not_there(file), "build and install tenfold again", ""};
}

Result<void*> open_shared_module(const std::string& file, const char* symbol) {
  std::string why;
  void* handle = open(file, why);
  if (!handle) return Error{"no-module", {}, why, "build and install tenfold again", ""};
  // Never closed: what it made outlives any scope that could close it, and the libraries below do not unload cleanly.
  void* found = dlsym(handle, symbol);
  if (!found) return Error{"no-module", {}, file + " is of another version", "build and install both again", ""};
  return found;
}

}  // namespace tenfold
