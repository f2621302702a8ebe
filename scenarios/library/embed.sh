#!/bin/bash
# Writes C++ that holds the given scenarios, so that norn finds them wherever it is started.
#
# usage: embed.sh FILE.textproto...
set -euo pipefail

echo '#include "scenarios/library.h"'
echo 'namespace norn::scenarios {'
echo 'const std::vector<LibraryText>& LibraryTexts() {'
echo '  static const auto& texts = *new std::vector<LibraryText>{'
for file; do
  name=$(basename "$file" .textproto)
  printf '{"%s", R"textproto(' "$name"
  cat "$file"
  printf ')textproto"},\n'
done
echo '  };'
echo '  return texts;'
echo '}'
echo '}  // namespace norn::scenarios'
