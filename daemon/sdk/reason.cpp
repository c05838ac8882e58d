// SPDX-License-Identifier: Apache-2.0
#include "sdk/reason.h"

#include <array>

namespace upkeep::sdk {
namespace {

// In the order of the enum.
constexpr std::array<std::string_view, kReasonCount> kNames = {
    "config_error", "journal_damaged", "stuck",       "in_operation",  "orphaned",      "suspended",      "no_release",
    "not_trusted",  "pinned",          "withdrawn",   "up_to_date",    "not_installed", "quarantined",    "downgrade",
    "major_skip",   "minimum_from",    "not_before",  "rollout_share", "no_way_back",   "held",           "contested",
    "forced",       "rollback",        "critical",    "unhealthy",     "window_open",   "outside_window", "busy",
    "admission",    "refused",         "retry_later", "spread",        "too_late",
};
static_assert(kNames.back() == "too_late", "a reason without a name");
static_assert(kNames[static_cast<int>(Reason::suspended)] == "suspended" && kNames[static_cast<int>(Reason::forced)] == "forced");

}  // namespace

std::string_view name(Reason reason) { return kNames.at(static_cast<std::size_t>(reason)); }

std::string_view name(Action action) {
  switch (action) {
    case Action::none:
      return "none";
    case Action::wait:
      return "wait";
    case Action::upgrade:
      return "upgrade";
  }
  return "none";
}

std::optional<Reason> reason_from(std::string_view text) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == text) return static_cast<Reason>(i);
  }
  return std::nullopt;
}

}  // namespace upkeep::sdk
