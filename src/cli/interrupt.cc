#include "cli/interrupt.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string_view>

namespace tenfold::cli::interrupt {
namespace {

std::atomic<bool> was_seen = false, reads = false;
static_assert(std::atomic<bool>::is_always_lock_free, "signal handlers write to it");

// What arrives just before the terminal is read interrupts nothing: the alarm does it a second later.
void remind(int) {
  if (reads && was_seen) alarm(1);
}

void note(int) {
  const int before = errno;
  if (reads) {
    was_seen = true;
    alarm(1);
  } else if (!was_seen.exchange(true)) {
    constexpr std::string_view kTold = "\nstopping; Ctrl-C again ends the program\n";
    [[maybe_unused]] const auto written = write(STDERR_FILENO, kTold.data(), kTold.size());
  } else {
    std::signal(SIGINT, SIG_DFL);
    raise(SIGINT);
  }
  errno = before;
}

void handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  action.sa_flags = 0;  // no SA_RESTART: a read ends
  sigaction(signal, &action, nullptr);
}

}  // namespace

void install() {
  handle(SIGINT, note);
  handle(SIGALRM, remind);
}

void begin_reading() {
  was_seen = false;
  reads = true;
}

void end_reading() {
  reads = false;
  alarm(0);
}

void forget() { was_seen = false; }

const std::atomic<bool>& seen() { return was_seen; }

}  // namespace tenfold::cli::interrupt
