// SPDX-License-Identifier: Apache-2.0
// Release versions and package versions, one a line: parsing and printing, the order, and which package version fits.
#include <algorithm>
#include <sstream>

#include "fuzz/fuzz.h"
#include "sdk/text.h"
#include "sdk/version.h"

using namespace upkeep;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream lines{std::string(fuzz::text_of(data, size))};
  std::vector<std::string> texts;
  std::vector<sdk::Version> versions;
  for (std::string line; texts.size() < 12 && std::getline(lines, line);) {
    texts.push_back(line);
    const auto parsed = sdk::Version::parse(line);
    if (parsed) {
      const auto again = sdk::Version::parse(parsed->str());
      FUZZ_CHECK(again && again->str() == parsed->str() && *again == *parsed, line);
      FUZZ_CHECK(line == parsed->str() || line == "v" + parsed->str(), line);
      FUZZ_CHECK(sdk::accepts("", *parsed, parsed->str()) || !sdk::is_package_version(parsed->str()), line);
      versions.push_back(*parsed);
    } else {
      FUZZ_CHECK(fuzz::one_printable_line(parsed.error().message), line);
    }
    if (const auto release = sdk::release_of(line)) {
      FUZZ_CHECK(sdk::is_package_version(line), line);
      FUZZ_CHECK(sdk::accepts("", *release, line), line);
      versions.push_back(*release);
    }
    if (sdk::is_package_version(line))
      FUZZ_CHECK(line.size() <= 128 && line.find_first_of(" ;'\"\\$`&|<>(){}/\t\r") == std::string::npos, line);
  }
  for (const auto& a : versions) {
    FUZZ_CHECK(!(a < a), a.str());
    for (const auto& b : versions) {
      FUZZ_CHECK((a < b) + (b < a) + (a == b) == 1, a.str() + " " + b.str());
      for (const auto& c : versions) {
        FUZZ_CHECK(!(a < b && b < c) || a < c, a.str() + " " + b.str() + " " + c.str());
        FUZZ_CHECK(!(a == b && b == c) || a == c, a.str() + " " + b.str() + " " + c.str());
      }
    }
    for (const std::string_view spelling : {"", "{version}-1", "1:{version}", "{version"}) {
      const auto chosen = sdk::choose_package_version(spelling, a, texts);
      if (!chosen) continue;
      FUZZ_CHECK(sdk::accepts(spelling, a, *chosen), *chosen);
      FUZZ_CHECK(!spelling.empty() || std::find(texts.begin(), texts.end(), *chosen) != texts.end(), *chosen);
    }
  }
  return 0;
}
