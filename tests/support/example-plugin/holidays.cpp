// SPDX-License-Identifier: Apache-2.0
// A schedule that is closed on the days that a file lists, and open on all others. An agent is upgraded when all of its
// schedules are open, so this one stands beside a window:
//
//   [[schedule]]
//   use = "holidays"
//   file = "/etc/upkeep/holidays"       # a line a day: 2027-12-24, and after a blank whatever helps people; # begins a comment
//
// Written to be copied. The parts of every plugin, in this order: the table of keys, the check of what a table cannot say,
// the class, the factory, and the descriptor, which is all that Upkeep looks for.

#include <algorithm>
#include <array>
#include <set>

#include "sdk/plugin.h"
#include "sdk/text.h"

namespace {

using namespace upkeep;
using std::chrono::days;
using std::chrono::sys_days;

// 1. The keys. Upkeep checks every agent's file against them before the factory runs: an unknown key, a wrong type and a
// missing required key are reported with file and line, and the list is documentation as well.
constexpr auto kKeys = std::to_array<sdk::KeySpec>({
    {.name = "file", .required = true, .help = "absolute path of the list of days, in UTC, on which nothing is to be upgraded"},
    {.name = "eve", .type = sdk::KeyType::flag, .fallback = "false", .help = "closed on the day before each of them, too"},
});

// 2. What the table cannot say. Pure: nothing outside is looked at, because `upkeep config check` runs anywhere.
std::vector<sdk::ConfigIssue> check(const sdk::Config& config) {
  if (config.text("file").starts_with('/')) return {};
  return {{config.find("file")->place(), "file", "must be an absolute path"}};
}

constexpr std::size_t kMostBytes = 64 * 1024;  // every read is bounded

// "2027-12-24 Christmas Eve" → that day; errors are values and say what to do.
sdk::Result<sys_days> read_day(std::string_view line) {
  const auto time = sdk::parse_rfc3339(std::string(line.substr(0, 10)) + "T00:00:00Z");
  if (!time || (line.size() > 10 && line[10] != ' '))
    return sdk::fail(sdk::Errc::invalid, sdk::quoted(line) + " is no day like 2027-12-24");
  return std::chrono::floor<days>(*time);
}

sdk::Result<std::set<sys_days>> read_days(std::string_view text, bool eve) {
  std::set<sys_days> out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = sdk::trimmed(text.substr(0, text.find_first_of("#\n")));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    const auto day = read_day(line);
    if (!day) return sdk::fail(day.error());
    out.insert(*day);
    if (eve) out.insert(*day - days(1));
  }
  return out;
}

// 3. The class. All of the outside comes through the host, so that a test can play it.
class Holidays : public sdk::Schedule {
 public:
  Holidays(sdk::Host& host, const sdk::Config& config) : host_(host), file_(config.text("file")), eve_(config.flag("eve")) {}

  // Asked before each decision. An error closes the schedule, and `upkeep status` shows it.
  sdk::Task<sdk::Result<void>> refresh(const sdk::Release* /*release*/) override {
    const auto text = host_.files().read(file_, kMostBytes);
    if (!text) co_return sdk::fail("holidays", text.error());
    auto closed = read_days(*text, eve_);
    if (!closed) co_return sdk::fail(file_, closed.error());
    closed_ = std::move(*closed);
    co_return sdk::Result<void>();
  }

  // Pure: asked for many points of time, to draw calendars and to plan ahead.
  [[nodiscard]] sdk::Verdict verdict(sdk::TimePoint at, const sdk::Release* /*release*/) const override {
    const auto today = std::chrono::floor<days>(at);
    if (!closed_.contains(today)) {
      const auto next = closed_.upper_bound(today);
      return {true, next == closed_.end() ? std::nullopt : std::optional<sdk::TimePoint>(*next), "no holiday"};
    }
    auto after = today;
    while (closed_.contains(after)) after += days(1);
    return {false, after, "holiday, " + file_};
  }

 private:
  sdk::Host& host_;
  std::string file_;
  bool eve_;
  std::set<sys_days> closed_;
};

// 4. The factory. It may refuse as well, with an error; an exception would be a bug.
sdk::Result<std::unique_ptr<sdk::Schedule>> make(sdk::Host& host, const sdk::Config& config) {
  return std::make_unique<Holidays>(host, config);
}

}  // namespace

// 5. The one symbol that is exported. The file's name has to be KIND-NAME.so; upkeep_plugin() in CMakeLists.txt sees to it.
extern "C" const sdk::Descriptor upkeep_plugin = {.name = "holidays",
                                                  .version = "1.0.0",
                                                  .summary = "closed on the days that a file lists",
                                                  .keys = kKeys,
                                                  .check = &check,
                                                  .make = &make};
