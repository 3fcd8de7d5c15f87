// Any bytes, and as `tenfold check` would: either errors that a person can read, or a program that can be planned.
#include <cstdint>
#include <cstdlib>

#include "lang/dump.h"
#include "lang/lang.h"
#include "plan/plan.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.find("import") != text.npos) return 0;  // reads files
  const lang::Compiled compiled = lang::compile_text(text, "fuzz.scl");
  for (const Error& error : compiled.errors) {
    if (error.code.empty() || error.what.empty()) std::abort();
    (void)render(error);
  }
  if (!compiled.ok()) return 0;
  (void)lang::dump(compiled.program);
  const auto plan = plan::make_plan(compiled.program);
  if (plan) (void)plan::explain(*plan);
  return 0;
}
