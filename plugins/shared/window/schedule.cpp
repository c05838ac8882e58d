// SPDX-License-Identifier: Apache-2.0
#include "shared/window/schedule.h"

#include "shared/window/keys.h"
#include "shared/window/zone_names.h"

namespace upkeep::shared::window {

constexpr std::size_t kMostZoneBytes = 256 * 1024;  // real ones have 4 KiB at most

sdk::Result<void> WindowSchedule::load_zone() {
  const std::string& name = timeline_.calendar().time_zone;
  if (name == "UTC") return {};
  const std::string path = zone_path(name);
  auto bytes = host_.files().read(path, kMostZoneBytes);
  if (!bytes) return sdk::fail("time zone " + name, bytes.error());
  if (*bytes == zone_bytes_) return {};
  auto zone = Zone::parse(*bytes);
  if (!zone) return sdk::fail("time zone " + name + ": " + path, zone.error());
  timeline_ = Timeline(timeline_.calendar(), std::move(*zone));
  zone_bytes_ = std::move(*bytes);
  return {};
}

sdk::Task<sdk::Result<void>> WindowSchedule::refresh(const sdk::Release* /*release*/) {
  const auto loaded = load_zone();
  const std::string complaint = loaded ? "" : loaded.error().message;
  if (!complaint.empty() && complaint != complaint_) {
    host_.log(sdk::LogLevel::warn, complaint + "; the zone data read before stays in use");
  }
  complaint_ = complaint;
  co_return sdk::Result<void>();
}

sdk::Verdict WindowSchedule::verdict(sdk::TimePoint at, const sdk::Release* /*release*/) const {
  const Timeline::State state = timeline_.at(std::chrono::floor<std::chrono::seconds>(at));
  sdk::Verdict verdict{state.open, state.changes_at, timeline_.calendar().text};
  if (state.blackout) verdict.reason += ", blackout " + state.blackout->text;
  if (!state.open && !state.changes_at && timeline_.calendar().mode == Calendar::Mode::windows) {
    verdict.reason += ", does not open in the next five years";
  }
  return verdict;
}

sdk::Result<std::unique_ptr<WindowSchedule>> make_schedule(sdk::Host& host, const sdk::Config& table) {
  if (const auto issues = check_calendar(table); !issues.empty())
    return sdk::fail(sdk::Errc::invalid, issues.front().path + ": " + issues.front().message);
  std::vector<sdk::ConfigIssue> none;
  auto schedule = std::make_unique<WindowSchedule>(host, read_calendar(table, none));
  if (auto loaded = schedule->load_zone(); !loaded) return sdk::fail(loaded.error());
  return schedule;
}

}  // namespace upkeep::shared::window
