// Ctrl-C in a conversation: at the prompt it discards what is being typed; while something runs it asks that to stop,
// and once more ends the program.
#pragma once

#include <atomic>

namespace tenfold::cli::interrupt {

/// Takes SIGINT and SIGALRM over for the rest of the process.
void install();
/// What was seen is forgotten; from now on Ctrl-C ends a read from the terminal.
void begin_reading();
/// From now on Ctrl-C asks what runs to stop. What was seen while reading stays until forget().
void end_reading();
void forget();
/// Ctrl-C was typed.
const std::atomic<bool>& seen();

}  // namespace tenfold::cli::interrupt
