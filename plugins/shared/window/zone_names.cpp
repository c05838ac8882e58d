// SPDX-License-Identifier: Apache-2.0
#include "shared/window/zone_names.h"

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <tuple>
#include <vector>

#include "sdk/text.h"

namespace upkeep::shared::window {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kFolder = "/usr/share/zoneinfo";

// Parts begin with a capital: that keeps out "..", and the tables and copies ("posix/…", "tzdata.zi") that lie there too.
bool is_name(std::string_view name) {
  bool first = true;
  for (const char c : name) {
    if (first && !(c >= 'A' && c <= 'Z')) return false;
    if (!sdk::is_letter(c) && !sdk::is_digit(c) && c != '/' && c != '_' && c != '+' && c != '-') return false;
    first = c == '/';
  }
  return !first && name.size() <= 64;
}

// How many letters must be changed, added or left out.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t change = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({change, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

// The name that the text is most like, or whose last part it is most like ("berlin"); empty when none is near.
std::string nearest(std::string_view text) {
  const std::string wanted = sdk::lower(text.substr(0, 64));
  std::tuple<std::size_t, std::size_t, std::string> best(wanted.size() / 3 + 1, 0, "");  // the nearer, the shorter, by name
  std::error_code error;
  for (fs::recursive_directory_iterator it(kFolder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().string().substr(kFolder.size() + 1);
    if (!is_name(name) || !it->is_regular_file(error)) continue;
    const std::string lower = sdk::lower(name);
    const std::string_view last_part = std::string_view(lower).substr(lower.rfind('/') + 1);
    best = std::min(best, {std::min(distance(wanted, lower), distance(wanted, last_part)), name.size(), name});
  }
  return std::get<2>(best);
}

}  // namespace

std::string zone_path(std::string_view name) { return std::string(kFolder) + "/" + std::string(name); }

std::string zone_problem(std::string_view name) {
  std::error_code error;
  if (name == "UTC" || (is_name(name) && fs::is_regular_file(zone_path(name), error))) return "";
  if (!fs::is_directory(kFolder, error)) return "this system has no time zones (" + std::string(kFolder) + "); install tzdata";
  const std::string best = nearest(name);
  return "unknown time zone " + sdk::quoted(name) +
         (best.empty() ? "; write a name such as Europe/Berlin" : "; did you mean " + best + "?");
}

}  // namespace upkeep::shared::window
