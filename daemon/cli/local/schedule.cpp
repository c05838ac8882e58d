// SPDX-License-Identifier: Apache-2.0
#include "cli/local/commands.h"
#include "cli/local/offline.h"
#include "cli/windows.h"
#include "core/open_stretches.h"

namespace upkeep::cli {
namespace {

constexpr sdk::Millis kDefaultSpan = std::chrono::hours(14 * 24);

}  // namespace

void show_schedule(const ScheduleOptions& options, Context& context) {
  Offline offline(context);
  const auto agent = load_offline_agent(offline, options.config);
  if (!agent) return report(context, agent.error());
  const auto from = options.from.empty() ? offline.host().clock().now() : time_option("--from", options.from);
  if (!from) return report(context, from.error(), kUsage);
  const auto until = options.until.empty() ? *from + kDefaultSpan : time_option("--until", options.until);
  if (!until) return report(context, until.error(), kUsage);
  if (*until <= *from) return report(context, {sdk::Errc::invalid, "--until must be later than --from"}, kUsage);

  std::vector<const sdk::Schedule*> schedules;
  nlohmann::json names = nlohmann::json::array();
  for (std::size_t i = 0; i < agent->schedules.size(); ++i) {
    schedules.push_back(agent->schedules[i].get());
    names.push_back(agent->settings.schedules[i].use);
  }
  nlohmann::json windows = nlohmann::json::array();
  for (const core::OpenStretch& stretch : core::open_stretches(schedules, nullptr, *from, *until))
    windows.push_back({{"start", sdk::rfc3339(stretch.start)},
                       {"end", stretch.end ? nlohmann::json(sdk::rfc3339(*stretch.end)) : nlohmann::json()},
                       {"schedules", names}});
  const std::string zone = core::common_time_zone(agent->settings.schedules);
  show_windows({{"windows", std::move(windows)}, {"time_zone", zone.empty() ? nlohmann::json() : nlohmann::json(zone)}}, options, context);
}

}  // namespace upkeep::cli
