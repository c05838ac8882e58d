// SPDX-License-Identifier: Apache-2.0
#pragma once
// The closed list of reasons: why something happens to an agent, or does not. Order is the order of the
// table in core/decide.cpp, first match wins. A test compares it with the API description and the documentation.

#include <optional>
#include <string_view>

namespace upkeep::sdk {

enum class Reason {
  // before the decision
  config_error,
  journal_damaged,
  stuck,
  in_operation,
  orphaned,
  // the decision
  suspended,
  no_release,
  not_trusted,
  pinned,
  withdrawn,
  up_to_date,
  not_installed,
  quarantined,
  downgrade,
  major_skip,
  minimum_from,
  not_before,
  rollout_share,
  no_way_back,
  held,
  contested,
  forced,
  rollback,
  critical,
  unhealthy,
  window_open,
  outside_window,
  // conditions of a start
  busy,
  admission,
  refused,
  retry_later,
  spread,
  too_late,
};
inline constexpr int kReasonCount = static_cast<int>(Reason::too_late) + 1;

enum class Action { none, wait, upgrade };

[[nodiscard]] std::string_view name(Reason reason);
[[nodiscard]] std::string_view name(Action action);
[[nodiscard]] std::optional<Reason> reason_from(std::string_view name);

}  // namespace upkeep::sdk
