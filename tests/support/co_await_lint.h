// SPDX-License-Identifier: Apache-2.0
#pragma once
// Finds the co_await expressions that g++ 12 miscompiles (double frees, uses after free): a braced aggregate or a lambda
// with captures among the arguments, and ?: around or within. It reads tokens, not types, so it also flags braces that
// would be harmless: give the value a name.

#include <string>
#include <string_view>
#include <vector>

namespace upkeep::test {

struct LintFinding {
  int line = 0;
  std::string what;
};

[[nodiscard]] std::vector<LintFinding> lint_co_await(std::string_view cpp);

}  // namespace upkeep::test
