// SPDX-License-Identifier: Apache-2.0
// What packagekitd says: package ids, one a line, and errors "CODE TEXT" in the second part. An id that parses is the text it
// came from; a plan that is accepted is exactly what was wished.
#include <algorithm>
#include <sstream>

#include "fuzz/fuzz.h"
#include "sdk/text.h"
#include "sdk/version.h"
#include "shared/packagekit/driver.h"
#include "shared/packagekit/package_id.h"
#include "shared/packagekit/transaction.h"
#include "shared/packages/plan.h"
#include "shared/packages/text.h"

using namespace upkeep;
using namespace upkeep::shared::packagekit;
using upkeep::shared::packages::one_line;

namespace {

void check_plan(const Outcome& dry_run) {
  namespace packages = shared::packages;
  packages::Wish wish;
  wish.moves.push_back({"demo-agent", "1.2.3-1", "2.3.4-1"});
  wish.moves.push_back({"demo-libs", "1.2.3-1", "1.2.3-1"});
  wish.others.emplace("other-agent", "other");
  const auto report = planned(dry_run, "demo");
  if (!report) {
    FUZZ_CHECK(report.error().message.find('\n') == std::string::npos, report.error().message);
    return;
  }
  std::map<std::string, std::string> installed = {{"demo-agent", "1.2.3-1"}, {"libdemo", "1.0"}, {"other-agent", "5.0.0-1"}};
  for (const bool downgrade : {false, true}) {
    wish.downgrade = downgrade;
    const auto plan = packages::judge_plan(wish, *report, installed);
    if (!plan) {
      FUZZ_CHECK(plan.error().message.find('\n') == std::string::npos, plan.error().message);
      continue;
    }
    FUZZ_CHECK(plan->to == "2.3.4-1" && !plan->items.empty(), plan->to);
    FUZZ_CHECK(plan->items[0].package == "demo-agent" && plan->items[0].to == plan->to, plan->items[0].package);
    for (const auto& item : plan->items) {
      FUZZ_CHECK(sdk::is_package_name(item.package) && item.package != "other-agent", item.package);
      FUZZ_CHECK(!item.to.empty(), item.package + " would be removed");
    }
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parts = fuzz::parts_of(fuzz::text_of(data, size));
  std::istringstream lines(parts[0]);
  Outcome outcome;
  outcome.exit = Exit::success;
  for (std::string line; outcome.packages.size() < 64 && std::getline(lines, line);) {
    const auto blank = std::min(line.find(' '), line.size());  // "INFO ID"
    const auto info = sdk::parse_number(std::string_view(line).substr(0, blank));
    const auto text = info && blank < line.size() ? line.substr(blank + 1) : line;
    outcome.packages.push_back({info.value_or(10), text});
    const auto id = parse_package_id(text);
    if (id) {
      FUZZ_CHECK(id->str() == text && text.size() <= 1024, text);
      FUZZ_CHECK(sdk::is_package_name(id->name) && sdk::is_package_version(id->version), text);
      FUZZ_CHECK(fuzz::one_printable_line(text), text);
    } else {
      FUZZ_CHECK(id.error().code == sdk::Errc::internal && fuzz::one_printable_line(id.error().message), id.error().message);
    }
  }
  check_plan(outcome);
  if (parts.size() < 2) return 0;

  const auto blank = std::min(parts[1].find(' '), parts[1].size());
  const auto code = static_cast<std::uint32_t>(sdk::parse_number(std::string_view(parts[1]).substr(0, blank)).value_or(0));
  const auto text = one_line(parts[1].substr(blank), 600);
  FUZZ_CHECK(fuzz::one_printable_line(text) && one_line(text, 600) == text, text);
  outcome.exit = static_cast<Exit>(code % 16);
  outcome.error = code;
  outcome.error_text = text;
  if (const auto failed = failure(outcome, "demo")) {
    FUZZ_CHECK(outcome.exit != Exit::success && failed->reaction != shared::packages::Reaction::none, text);
    FUZZ_CHECK(fuzz::one_printable_line(failed->error.message) && shared::packages::errc(failed->reaction) == failed->error.code,
               failed->error.message);
  }
  return 0;
}
