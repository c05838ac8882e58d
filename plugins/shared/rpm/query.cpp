// SPDX-License-Identifier: Apache-2.0
#include "shared/rpm/query.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "sdk/text.h"
#include "sdk/version.h"
#include "shared/packages/text.h"
#include "shared/packages/tool.h"

namespace upkeep::shared::rpm {

using packages::PackageState;
using sdk::Errc;

namespace {

constexpr const char* kFormat = "%{NAME}\\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\\t%{ARCH}\\t%{INSTALLTIME}\\t%{VENDOR}\\n";

struct Row {
  std::string name, version, arch, vendor;
  std::uint64_t installed = 0;
};

std::optional<Row> parse_row(std::string_view line) {
  const auto fields = sdk::split(line, '\t');
  if (fields.size() != 5 || !sdk::is_package_name(fields[0])) return std::nullopt;
  auto version = fields[1];
  if (version.starts_with("0:")) version.remove_prefix(2);
  const auto time = sdk::parse_number(fields[3]);
  const bool sound = !fields[2].empty() && fields[2].size() <= 32 && std::all_of(fields[2].begin(), fields[2].end(), [](char c) {
    return sdk::is_letter(c) || sdk::is_digit(c) || c == '_';
  });
  if (!sdk::is_package_version(version) || !sound || !time) return std::nullopt;
  return Row{std::string(fields[0]), std::string(version), std::string(fields[2]), packages::one_line(fields[4], 100), *time};
}

// Whether two packages of one name would exchange each other. One for any architecture takes the place of one for this.
bool same_place(std::string_view a, std::string_view b) { return a == b || a == "noarch" || b == "noarch"; }

bool is_alnum(char c) { return sdk::is_digit(c) || sdk::is_letter(c); }

// The segment at the front, of digits or of letters, taken off the text.
std::string_view take_segment(std::string_view& text, bool digits) {
  const auto end = std::find_if_not(text.begin(), text.end(), [&](char c) { return digits ? sdk::is_digit(c) : sdk::is_letter(c); });
  const auto segment = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(segment.size());
  return segment;
}

// rpmvercmp: segments of digits and of letters one after the other; "~" is older than an end, "^" newer than an end and older than more.
int compare_part(std::string_view a, std::string_view b) {
  while (true) {
    const auto noise = [](std::string_view& text) {
      while (!text.empty() && !is_alnum(text.front()) && text.front() != '~' && text.front() != '^') text.remove_prefix(1);
    };
    noise(a);
    noise(b);
    const auto front = [](std::string_view text) { return text.empty() ? '\0' : text.front(); };
    if (front(a) == '~' || front(b) == '~') {
      if (front(a) != '~') return 1;
      if (front(b) != '~') return -1;
    } else if (front(a) == '^' || front(b) == '^') {
      if (a.empty()) return -1;
      if (b.empty()) return 1;
      if (front(a) != '^') return 1;
      if (front(b) != '^') return -1;
    } else {
      if (a.empty() || b.empty()) return a.empty() && b.empty() ? 0 : (a.empty() ? -1 : 1);
      const bool digits = sdk::is_digit(a.front());
      auto one = take_segment(a, digits), two = take_segment(b, digits);
      if (two.empty()) return digits ? 1 : -1;  // of other kinds: a number is newer than letters
      if (digits) {
        one.remove_prefix(std::min(one.find_first_not_of('0'), one.size()));
        two.remove_prefix(std::min(two.find_first_not_of('0'), two.size()));
        if (one.size() != two.size()) return one.size() < two.size() ? -1 : 1;
      }
      if (const int order = one.compare(two); order != 0) return order < 0 ? -1 : 1;
      continue;
    }
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
}

struct Evr {
  std::string_view epoch = "0", version, release;
};
Evr parts_of(std::string_view text) {
  Evr out;
  if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    out.epoch = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  const auto dash = text.rfind('-');
  out.version = text.substr(0, dash);
  if (dash != std::string_view::npos) out.release = text.substr(dash + 1);
  return out;
}

}  // namespace

sdk::Result<std::map<std::string, PackageState>> parse_states(std::string_view output) {
  std::vector<Row> rows;
  for (const auto line : sdk::split(output, '\n')) {
    // rpm says so among its answers, in whatever order
    if (sdk::trimmed(line).empty() || (line.starts_with("package ") && line.ends_with(" is not installed"))) continue;
    auto row = parse_row(line);
    if (!row) return sdk::fail(Errc::internal, "rpm answers a line that cannot be read: " + sdk::quoted(line, 120));
    rows.push_back(std::move(*row));
  }
  // What came last is what counts, whatever the order of the answers.
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.installed < b.installed; });
  std::map<std::string, PackageState> out;
  for (const auto& row : rows) {
    auto& state = out[row.name];
    const bool twice = std::any_of(rows.begin(), rows.end(), [&](const Row& other) {
      return other.name == row.name && same_place(other.arch, row.arch) && other.version != row.version;
    });
    if (twice && !state.version.empty() && state.version != row.version) {
      state.status = "installed twice, as " + state.version + " and " + row.version;
      state.broken = true;
    } else if (!twice) {
      state.status = "installed";
    }
    state.version = row.version;
    state.arch = row.arch;
    state.vendor = row.vendor;
  }
  return out;
}

sdk::Task<sdk::Result<std::map<std::string, PackageState>>> query_states(sdk::Host& host, std::vector<std::string> packages) {
  // Its exit status counts those that are not installed.
  const int most = static_cast<int>(packages.size());
  auto argv = sdk::words({"/usr/bin/rpm", "-q", "--qf", kFormat});
  argv.insert(argv.end(), std::make_move_iterator(packages.begin()), std::make_move_iterator(packages.end()));
  const auto output = co_await packages::run_tool(host, std::move(argv), most);
  if (!output) co_return sdk::fail(output.error());
  co_return parse_states(*output);
}

int compare_versions(std::string_view a, std::string_view b) {
  const auto left = parts_of(a), right = parts_of(b);
  if (const int order = compare_part(left.epoch, right.epoch); order != 0) return order;
  if (const int order = compare_part(left.version, right.version); order != 0) return order;
  return compare_part(left.release, right.release);
}

}  // namespace upkeep::shared::rpm
