#include <exception>
#include <iostream>

#include "cli/commands.h"

int main(int argc, char** argv) {
  using namespace tenfold;
  cli::Options options;
  // Items at a terminal or from a pipe; nothing at all is a wrong command line.
  if (argc == 1 && cli::has_conversation()) return cli::converse(options);
  if (const auto status = cli::parse(argc, argv, options)) return *status;
  try {
    if (options.command == "explain") return cli::explain(options);
    if (options.command == "why") return cli::why(options);
    if (options.command == "pull") return cli::pull(options);
    if (options.command == "memo") return cli::memo(options);
    if (options.command == "check") return cli::check(options);
    const bool for_packs = options.command == "calibrate" || options.command == "distil";
    if (!for_packs && cli::is_program(options.target)) return cli::run_program(options);
    auto pack = answer::read_pack(options.target, answer::pack_folders());
    if (!pack) return cli::fail(pack.error());
    if (options.command == "calibrate") return cli::calibrate(options, *pack);
    if (options.command == "distil") return cli::distil(options, *pack);
    return cli::run_pack(options, *pack);
  } catch (const std::bad_alloc&) {
    std::cerr << "tenfold: error: out of memory\n  do: give the job more memory, or smaller inputs\n";
    return 3;
  } catch (const std::exception& e) {
    std::cerr << "tenfold: error: " << e.what() << "\n";
    return 3;
  }
}
