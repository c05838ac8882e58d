// SPDX-License-Identifier: Apache-2.0
// The table of a window schedule: what its check lets pass can be made, and its verdicts keep their promises.
#include "config/keys.h"
#include "config/raw.h"
#include "fuzz/fuzz.h"
#include "support/window.h"

using namespace upkeep;

namespace {

// The zone's own file, when there is one: the host knows no other.
void add_zone(test::PluginHost& host, const std::string& name) {
  if (name.empty() || name.find("..") != std::string::npos || name.find('\0') != std::string::npos) return;
  if (std::string bytes = test::zone_file(name); !bytes.empty()) host.contents.emplace("/usr/share/zoneinfo/" + name, std::move(bytes));
}

void walk(const sdk::Schedule& schedule, sdk::TimePoint at) {
  auto verdict = schedule.verdict(at, nullptr);
  for (int step = 0; step < 12 && verdict.changes_at; ++step) {
    const auto change = *verdict.changes_at;
    FUZZ_CHECK(change > at, sdk::rfc3339(at));
    const auto before = schedule.verdict(change - std::chrono::milliseconds(1), nullptr);
    FUZZ_CHECK(before.open == verdict.open && before.changes_at == verdict.changes_at, sdk::rfc3339(change));
    const auto after = schedule.verdict(change, nullptr);
    FUZZ_CHECK(after.open != verdict.open, sdk::rfc3339(change));
    at = change;
    verdict = after;
  }
  FUZZ_CHECK(fuzz::one_printable_line(verdict.reason), verdict.reason);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto& plugin = plugins::window::kDescriptor;
  config::Issues issues;
  const auto table = config::parse(fuzz::text_of(data, size), "window.toml", issues);
  FUZZ_CHECK(table.has_value() == issues.empty(), "an unreadable file without an issue");
  if (!table) return 0;
  config::check_keys(*table, plugin.keys, "", issues);
  if (issues.empty()) issues = plugin.check(*table);
  for (const auto& issue : issues) FUZZ_CHECK(!issue.message.empty() && issue.place.line >= 1, issue.message);
  test::PluginHost host;
  add_zone(host, table->text("time_zone"));
  if (!issues.empty()) return 0;
  const auto made = std::get<sdk::Factory<sdk::Schedule>>(plugin.make)(host, *table);
  if (!made) {
    FUZZ_CHECK(made.error().message.starts_with("time zone "), made.error().message);
    return 0;
  }
  for (const std::int64_t start : {0LL, 951'782'400LL, 1'806'541'200LL, 1'824'163'200LL, 4'102'444'799LL})
    walk(**made, sdk::TimePoint(std::chrono::seconds(start)));
  return 0;
}
