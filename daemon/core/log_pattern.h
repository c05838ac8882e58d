// SPDX-License-Identifier: Apache-2.0
#pragma once
// A POSIX extended regular expression for lines of a log. Its size is bounded, and so is what it may cost: no back
// references, and no counts that would make it grow.

#include <regex.h>

#include <memory>
#include <string>

#include "sdk/result.h"

namespace upkeep::core {

class LogPattern {
 public:
  // invalid: why it cannot be used.
  [[nodiscard]] static sdk::Result<LogPattern> parse(const std::string& text);
  // Somewhere in the line.
  [[nodiscard]] bool matches(const std::string& line) const;

 private:
  explicit LogPattern(std::shared_ptr<const regex_t> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const regex_t> compiled_;
};

}  // namespace upkeep::core
