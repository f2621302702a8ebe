// The main() of a test program that reads Norn's flags beside GoogleTest's.
#include "gtest/gtest.h"
#include "tests/support/replay.h"

int main(int argc, char** argv) {
  norn::InitTests(&argc, argv);
  return RUN_ALL_TESTS();
}
