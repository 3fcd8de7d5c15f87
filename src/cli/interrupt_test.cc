#include "cli/interrupt.h"

#include <gtest/gtest.h>

#include <csignal>

namespace tenfold::cli {
namespace {

TEST(Interrupt, OneIsRememberedWhileSomethingRuns) {
  EXPECT_EXIT(
      {
        interrupt::install();
        raise(SIGINT);
        const bool once = interrupt::seen();
        interrupt::forget();
        raise(SIGINT);
        std::exit(once && interrupt::seen() ? 0 : 1);
      },
      testing::ExitedWithCode(0), "stopping; Ctrl-C again ends the program");
}

TEST(Interrupt, ASecondOneEndsWhatDoesNotStop) {
  EXPECT_EXIT(
      {
        interrupt::install();
        raise(SIGINT);
        raise(SIGINT);
        std::exit(0);
      },
      testing::KilledBySignal(SIGINT), "");
}

TEST(Interrupt, AnyNumberAtThePromptEndsNothing) {
  EXPECT_EXIT(
      {
        interrupt::install();
        interrupt::begin_reading();
        for (int i = 0; i < 3; ++i) raise(SIGINT);
        const bool noted = interrupt::seen();
        interrupt::end_reading();
        interrupt::begin_reading();
        std::exit(noted && !interrupt::seen() ? 0 : 1);
      },
      testing::ExitedWithCode(0), "^$");
}

}  // namespace
}  // namespace tenfold::cli
