// SPDX-License-Identifier: Apache-2.0
// Two reads of a plain channel (version, critical, version, critical): what the bytes mean, and which release is in force.
#include "core/accept.h"
#include "core/channel.h"
#include "fuzz/fuzz.h"

using namespace upkeep;

namespace {

sdk::Offer offer_of(const std::vector<std::string>& parts, std::size_t first) {
  sdk::PlainOffer plain;
  plain.version = parts.size() > first ? parts[first] : "";
  if (parts.size() > first + 1) plain.critical = parts[first + 1];
  return {"https://updates.test/stable", "\"tag\"", plain};
}

void check_meaning(const sdk::Offer& offer) {
  const auto checked = core::check_offer(offer);
  if (!checked) {
    FUZZ_CHECK(fuzz::one_printable_line(checked.error().message) && checked.error().message.size() < 400, checked.error().message);
    return;
  }
  const auto& plain = std::get<sdk::PlainOffer>(offer.body);
  FUZZ_CHECK(plain.version.size() <= 4096, "a body that is too long was read");
  FUZZ_CHECK(!checked->release.critical || plain.critical, "critical without a word of it");
  for (const auto& warning : checked->warnings) FUZZ_CHECK(fuzz::one_printable_line(warning) && warning.size() < 400, warning);
  if (!checked->release.version) return;
  const auto shown = checked->release.version->str();
  FUZZ_CHECK(plain.version.find(shown) != std::string::npos, shown);
}

std::string shown(const core::InForce& now) { return core::to_json(now).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace); }

void check_in_force(const core::InForce& now) {
  FUZZ_CHECK(!now.release.critical || (now.says_critical && now.confirmed), "critical counts before it was confirmed");
  const auto again = core::in_force_from(nlohmann::json::parse(shown(now)));
  FUZZ_CHECK(again, again.error().message);
  FUZZ_CHECK(again->release.version == now.release.version && again->release.critical == now.release.critical, shown(now));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parts = fuzz::parts_of(fuzz::text_of(data, size));
  const auto first = offer_of(parts, 0), second = offer_of(parts, 2);
  check_meaning(first);
  check_meaning(second);
  const sdk::TimePoint start{std::chrono::seconds(1'800'000'000)};
  const auto before = core::accept(std::nullopt, first, false, start);
  if (!before) return 0;
  check_in_force(before->in_force);
  const auto same = core::accept(before->in_force, first, false, start + std::chrono::seconds(1));
  FUZZ_CHECK(same && !same->changed, "the same bytes a second later are news");
  for (const bool fallback : {false, true}) {
    const auto after = core::accept(before->in_force, second, fallback, start + std::chrono::seconds(40));
    if (!after) continue;
    check_in_force(after->in_force);
    const auto &old = before->in_force.release.version, &fresh = after->in_force.release.version;
    FUZZ_CHECK(!fallback || !old || (fresh && *fresh >= *old), "a fallback lowered the version");
  }
  return 0;
}
