// SPDX-License-Identifier: Apache-2.0
// What the native tools print: "TOOL STATUS" in the first part, then what went to its output and to its errors. Whatever that is, a plan
// has only sound names and versions, and a failure is one line with a reaction.
#include "fuzz/fuzz.h"
#include "sdk/text.h"
#include "sdk/version.h"
#include "shared/native/tool.h"

using namespace upkeep;
using namespace upkeep::shared::native;

namespace {

void check_tool(const Tool& tool, const Said& said) {
  Order order;
  order.packages.push_back({"demo-agent", "2.3.4-1", "", ""});
  const auto report = tool.plan(order, said);
  if (!report) {
    FUZZ_CHECK(fuzz::one_printable_line(report.error().message) && report.error().code == sdk::Errc::internal, report.error().message);
  } else {
    FUZZ_CHECK(report->plan.size() <= 4096, tool.name);
    for (const auto& line : report->plan) FUZZ_CHECK(sdk::is_package_name(line.name) && sdk::is_package_version(line.version), line.name);
    FUZZ_CHECK(!report->failure || report->failure->reaction != Reaction::none, tool.name);
  }
  if (const auto failure = tool.failure(said))
    FUZZ_CHECK(fuzz::one_printable_line(failure->error.message) && shared::packages::errc(failure->reaction) == failure->error.code,
               failure->error.message);
  const auto told = tool.told(said);
  FUZZ_CHECK(told.size() <= 40, tool.name);
  for (const auto& line : told) FUZZ_CHECK(!line.empty() && line.size() <= 203 && fuzz::one_printable_line(line), line);
  const auto offers = tool.read_offers(said, "demo-agent");
  if (offers) {
    for (const auto& offer : *offers)
      FUZZ_CHECK(sdk::is_package_version(offer.version) && fuzz::one_printable_line(offer.where), offer.where);
  } else {
    FUZZ_CHECK(fuzz::one_printable_line(offers.error().message), offers.error().message);
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parts = fuzz::parts_of(fuzz::text_of(data, size));
  const auto blank = std::min(parts[0].find(' '), parts[0].size());
  Said said;
  said.status =
      static_cast<int>(sdk::parse_number(std::string_view(parts[0]).substr(std::min(blank + 1, parts[0].size()))).value_or(0) & 255);
  if (parts.size() > 1) said.out = parts[1];
  if (parts.size() > 2) said.err = parts[2];
  const auto name = parts[0].substr(0, blank);
  if (name == "apt-get") check_tool(apt_get(), said);
  if (name == "dnf") check_tool(dnf(), said);
  if (name == "zypper") check_tool(zypper(), said);
  return 0;
}
