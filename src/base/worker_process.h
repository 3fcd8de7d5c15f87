// A program that works for this one in a process of its own, at the other end of a socket that is its standard input.
// Each request and each reply is one message: its length in 8 bytes, then its bytes (wire.h).
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tenfold/result.h"

namespace tenfold {

/// Killed and waited for with this object. Not thread-safe.
class WorkerProcess {
 public:
  /// `program` is a path; null when it cannot be started. `argument`: its only one, if not empty.
  static std::unique_ptr<WorkerProcess> start(const std::string& program, const std::string& argument = "");
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;
  ~WorkerProcess();

  /// The reply; nothing when the process ended or was silent for `seconds`, and `why` says which: the process is then
  /// of no more use.
  std::optional<std::string> ask(std::string_view request, double seconds, std::string& why);

 private:
  WorkerProcess() = default;
  pid_t process_ = -1;
  int socket_ = -1;
};

/// A message through a socket. False: the other end is gone, or `deadline` (a steady clock's seconds, 0 none) is over.
bool send_message(int socket, std::string_view bytes, double deadline);
bool receive_message(int socket, std::string& bytes, double deadline);
double steady_s();

/// Ends this process when whoever started it is gone, whatever it is doing.
void end_with(int socket);

/// An error as bytes: code, file, what and hint. Nothing when the bytes are not exactly one.
std::string to_bytes(const Error& error);
std::optional<Error> read_error(std::string_view bytes);

}  // namespace tenfold
