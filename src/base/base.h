// The ground floor: values (tenfold/value.h), errors with a place (tenfold/result.h), interned symbols (symbols.h),
// how values are written (value_text.h), UTF-8 (utf8.h), calendar time (datetime.h), facts on their way in (facts.h).
// Depends on nothing.
#pragma once

#include "base/datetime.h"
#include "base/facts.h"
#include "base/symbols.h"
#include "base/utf8.h"
#include "base/value_text.h"
#include "tenfold/result.h"
#include "tenfold/value.h"
