// What a process that decodes hostile files gives up, for good.
#pragma once

#include <cstdint>

#include "tenfold/result.h"

namespace tenfold::media {

/// From now on this process may not open a socket, start a program or a process, or write, make, rename or remove a
/// file (seccomp: such a call fails with EPERM); its memory is at most `memory_bytes` more than now (RLIMIT_DATA), it
/// leaves no core, and a file in memory is no larger (RLIMIT_FSIZE). Reading files and threads go on. Error
/// "no-sandbox" where the kernel refuses.
Status enter_sandbox(std::uint64_t memory_bytes);

}  // namespace tenfold::media
