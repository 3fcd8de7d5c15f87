// The program `tenfold-verify`: reads answers as JSON Lines, compiles the program that they claim to follow from, and
// checks every proof (proof/checker.h). It links neither plan, engine nor answer. Exit status: 0 all is well, 1
// something was wrong (said on stdout: input, tuple, step, what), 2 the command line was wrong, 3 a file cannot be
// read.
#pragma once

#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

namespace tenfold::verify {

struct Options {
  std::string answers, program;
  std::vector<std::pair<std::string, std::string>> facts;     // relation, CSV file
  std::vector<std::pair<std::string, std::string>> networks;  // network, CSV file: probability, inputs…, label
  std::vector<std::pair<std::string, std::string>> stages;    // network, what its tuples say they come from
};

int verify(const Options& options, std::ostream& out, std::ostream& log);

}  // namespace tenfold::verify
