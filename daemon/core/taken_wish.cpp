// SPDX-License-Identifier: Apache-2.0
#include "core/taken_wish.h"

#include <algorithm>

#include "sdk/utf8.h"

namespace upkeep::core {
namespace {

constexpr std::size_t kLongestReason = 1024, kLongestName = 200, kLongestPlace = 400;

}  // namespace

sdk::Result<void> fold_wish(std::optional<TakenWish>& wish, const Entry& entry) {
  const auto& fields = entry.fields;
  const auto text = [&fields](const char* key) { return fields.at(key).get<std::string>(); };
  const bool begins = entry.event == Event::begin;
  const auto state = begins ? std::string("begun") : text("state");
  const auto identity = text(begins ? "wish" : "identity");
  if (state == "taken") {
    wish = TakenWish{identity, text("version"), text("actor"), text("place"), entry.time};
    return {};
  }
  if (!wish || wish->identity != identity) return sdk::fail(sdk::Errc::invalid, "a wish is " + state + " that was never taken");
  if (state == "gone") {
    wish->gone = true;
    return {};
  }
  if (!wish->open()) return sdk::fail(sdk::Errc::invalid, "a wish is " + state + " that was answered before");
  if (begins) {
    wish->operation = entry.operation;
  } else if (state == "refused") {
    wish->refused = text("detail");
  } else {
    return sdk::fail(sdk::Errc::invalid, "unknown state of a wish");
  }
  if (wish->open()) return sdk::fail(sdk::Errc::invalid, "a wish is refused without a reason");
  return {};
}

std::string claimed(const std::string& actor) { return "claimed: " + (actor.empty() ? "not known" : actor); }

std::optional<sdk::Wish> wish_of(const sdk::Installed& installed, sdk::Wished kind) {
  const auto& all = installed.wishes;
  const auto found = std::find_if(all.begin(), all.end(), [kind](const sdk::Wish& one) { return one.kind == kind; });
  if (found == all.end()) return std::nullopt;
  sdk::Wish out = *found;
  out.text = sdk::valid_utf8(out.text, kind == sdk::Wished::suspend ? kLongestReason : kLongestName);
  out.actor = sdk::valid_utf8(out.actor, kLongestName);
  out.place = sdk::valid_utf8(out.place, kLongestPlace);
  if (out.place.empty()) out.place = "the agent's own object";  // no wish is an operator's
  out.identity = sdk::valid_utf8(out.identity, kLongestPlace);
  return out;
}

}  // namespace upkeep::core
