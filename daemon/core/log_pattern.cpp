// SPDX-License-Identifier: Apache-2.0
#include "core/log_pattern.h"

#include <algorithm>
#include <array>

#include "sdk/text.h"

namespace upkeep::core {
namespace {

constexpr std::size_t kLongest = 256;
constexpr std::uint64_t kCopies = 1000;  // that all counts together make of a part of it

// {n,m} makes m copies, and one within another multiplies: some bytes would take gigabytes.
bool grows(std::string_view text) {
  std::uint64_t copies = 1;
  for (auto at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1)) {
    auto counts = text.substr(at + 1, text.find('}', at) - at - 1);
    std::uint64_t most = 1;
    for (; !counts.empty();
         counts.remove_prefix(std::min(counts.size(), counts.find(',') == std::string_view::npos ? counts.size() : counts.find(',') + 1)))
      most = std::max(most, sdk::parse_number(counts.substr(0, counts.find(','))).value_or(1));
    copies *= std::min(most, kCopies + 1);
    if (copies > kCopies) return true;
  }
  return false;
}

// glibc understands \1 even here, and needs exponential time for it.
bool refers_back(std::string_view text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] != '\\') continue;
    if (sdk::is_digit(text[++i])) return true;
  }
  return false;
}

}  // namespace

sdk::Result<LogPattern> LogPattern::parse(const std::string& text) {
  const auto refuse = [&](const std::string& why) {
    return sdk::fail(sdk::Errc::invalid, sdk::quoted(text) + " is no POSIX extended regular expression that can be used: " + why);
  };
  if (text.empty() || text.size() > kLongest) return refuse("it must have 1 to " + std::to_string(kLongest) + " characters");
  if (text.find('\0') != std::string::npos) return refuse("it has a NUL character");
  if (refers_back(text)) return refuse("it refers back to a part of itself");
  if (grows(text)) return refuse("its counts in braces make it too large");
  auto compiled = std::make_unique<regex_t>();
  if (const int code = regcomp(compiled.get(), text.c_str(), REG_EXTENDED | REG_NOSUB); code != 0) {
    std::array<char, 100> why{};
    regerror(code, compiled.get(), why.data(), why.size());
    return refuse(why.data());
  }
  return LogPattern(std::shared_ptr<const regex_t>(compiled.release(), [](const regex_t* one) {
    auto* mine = const_cast<regex_t*>(one);
    regfree(mine);
    delete mine;
  }));
}

bool LogPattern::matches(const std::string& line) const { return regexec(compiled_.get(), line.c_str(), 0, nullptr, 0) == 0; }

}  // namespace upkeep::core
