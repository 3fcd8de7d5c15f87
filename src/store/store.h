// What outlives a run, on disk. In: keys and bytes. Out: the same bytes, in a later run or in another process, or
// nothing.
//
// Always holds: what is read back is what was written, or it is not there; a process may be killed at any moment; a
// file that cannot be used costs a warning and what it would have saved, never an answer.
//
// Read on: disk_memo.h (what networks said), docs/memo-format.md (the file). Depends on base.
#pragma once

#include "store/disk_memo.h"
