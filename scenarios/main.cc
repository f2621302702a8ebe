// The program norn; see command.h.
#include <iostream>
#include <string>
#include <vector>

#include "scenarios/command.h"

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  return norn::scenarios::Command(arguments, std::cout, std::cerr);
}
