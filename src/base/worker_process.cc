#include "base/worker_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cmath>
#include <thread>

#include "base/wire.h"

extern char** environ;

namespace tenfold {
namespace {

constexpr std::uint64_t kMaxMessageBytes = std::uint64_t{2} << 30;

std::string shortest(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

}  // namespace

std::unique_ptr<WorkerProcess> WorkerProcess::start(const std::string& program, const std::string& argument) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return nullptr;
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, ends[1], STDIN_FILENO);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  // A group of its own: Ctrl-C is for whoever asked, and the worker ends when that does.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  std::string name = program, only = argument;
  char* const arguments[] = {name.data(), only.empty() ? nullptr : only.data(), nullptr};
  auto worker = std::unique_ptr<WorkerProcess>(new WorkerProcess);
  const int status = posix_spawn(&worker->process_, program.c_str(), &files, &attributes, arguments, environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  close(ends[1]);
  worker->socket_ = ends[0];
  if (status != 0) worker->process_ = -1;
  return status == 0 ? std::move(worker) : nullptr;
}

WorkerProcess::~WorkerProcess() {
  close(socket_);
  if (process_ <= 0) return;
  kill(process_, SIGKILL);
  while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::optional<std::string> WorkerProcess::ask(std::string_view request, double seconds, std::string& why) {
  const double deadline = steady_s() + seconds;
  std::string reply;
  if (send_message(socket_, request, deadline) && receive_message(socket_, reply, deadline)) return reply;
  why = steady_s() >= deadline ? "took longer than " + shortest(seconds) + " s" : "ended";
  return std::nullopt;
}

void end_with(int socket) {
  std::thread([socket] {
    pollfd gone{socket, POLLRDHUP, 0};
    while (poll(&gone, 1, -1) < 0 && errno == EINTR) {
    }
    _exit(0);
  }).detach();
}

std::string to_bytes(const Error& error) {
  std::string bytes;
  for (const std::string* each : {&error.code, &error.place.file, &error.what, &error.hint})
    wire::write_text(bytes, *each);
  return bytes;
}

std::optional<Error> read_error(std::string_view bytes) {
  wire::Reader read{bytes};
  Error error;
  for (std::string* each : {&error.code, &error.place.file, &error.what, &error.hint}) *each = read.text();
  if (!read.whole()) return std::nullopt;
  return error;
}

double steady_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

namespace {

bool wait_for(int socket, short what, double deadline) {
  while (true) {
    int left_ms = -1;
    if (deadline > 0.0) {
      const double left = deadline - steady_s();
      if (left <= 0.0) return false;
      left_ms = static_cast<int>(std::ceil(std::min(left, 1e6) * 1000.0));
    }
    pollfd wanted{socket, what, 0};
    const int ready = poll(&wanted, 1, left_ms);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

bool send_all(int socket, const char* data, std::size_t size, double deadline) {
  while (size > 0) {
    if (!wait_for(socket, POLLOUT, deadline)) return false;
    const ssize_t sent = send(socket, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return false;
    if (sent > 0) data += sent, size -= static_cast<std::size_t>(sent);
  }
  return true;
}

bool receive_all(int socket, char* data, std::size_t size, double deadline) {
  while (size > 0) {
    if (!wait_for(socket, POLLIN, deadline)) return false;
    const ssize_t got = recv(socket, data, size, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return false;
    if (got > 0) data += got, size -= static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace

bool send_message(int socket, std::string_view bytes, double deadline) {
  const std::uint64_t size = bytes.size();
  return send_all(socket, reinterpret_cast<const char*>(&size), sizeof size, deadline) &&
         send_all(socket, bytes.data(), bytes.size(), deadline);
}

bool receive_message(int socket, std::string& bytes, double deadline) {
  std::uint64_t size = 0;
  if (!receive_all(socket, reinterpret_cast<char*>(&size), sizeof size, deadline) || size > kMaxMessageBytes)
    return false;
  // As it comes: a length alone, which anyone can say, takes no memory.
  constexpr std::uint64_t kStep = std::uint64_t{1} << 20;
  bytes.clear();
  while (bytes.size() < size) {
    const std::size_t at = bytes.size(), step = std::min(kStep, size - at);
    bytes.resize(at + step);
    if (!receive_all(socket, bytes.data() + at, step, deadline)) return false;
  }
  return true;
}

}  // namespace tenfold
