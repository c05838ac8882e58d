// SPDX-License-Identifier: Apache-2.0
#pragma once
// A window schedule out of TOML text and the system's zone data, and its stretches as text.

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "schedule/window/plugin.h"
#include "support/plugin_host.h"
#include "support/toml.h"

namespace upkeep::test {

inline std::string zone_file(const std::string& zone) {
  std::ifstream file("/usr/share/zoneinfo/" + zone, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

inline sdk::TimePoint utc(std::string_view text) {
  const auto time = sdk::parse_rfc3339(std::string(text) + (text.size() == 16 ? ":00Z" : "Z"));
  if (!time) throw std::logic_error("no time: " + std::string(text));
  return *time;
}

class TestWindow {
 public:
  explicit TestWindow(const std::string& text) {
    const sdk::Config config = toml(text);
    const std::string zone = config.text("time_zone");
    if (!zone.empty()) host.contents["/usr/share/zoneinfo/" + zone] = zone_file(zone);
    auto made = std::get<sdk::Factory<sdk::Schedule>>(plugins::window::kDescriptor.make)(host, config);
    if (!made) throw std::logic_error(made.error().message);
    schedule = std::move(*made);
  }

  [[nodiscard]] sdk::Verdict at(std::string_view time) const { return schedule->verdict(utc(time), nullptr); }
  [[nodiscard]] bool open(std::string_view time) const { return at(time).open; }

  // The open stretches that begin in [from, until), found by walking from change to change: "START/END", UTC without
  // seconds.
  [[nodiscard]] std::vector<std::string> stretches(std::string_view from, std::string_view until) const {
    const auto text = [](sdk::TimePoint time) { return sdk::rfc3339(time).substr(0, 16); };
    std::vector<std::string> out;
    sdk::TimePoint now = utc(from);
    for (sdk::Verdict verdict = schedule->verdict(now, nullptr); now < utc(until);) {
      if (verdict.open) out.push_back(text(now) + "/" + (verdict.changes_at ? text(*verdict.changes_at) : "?"));
      if (!verdict.changes_at) break;
      if (*verdict.changes_at <= now) throw std::logic_error("changes_at is not later");
      now = *verdict.changes_at;
      const bool was_open = verdict.open;
      verdict = schedule->verdict(now, nullptr);
      if (verdict.open == was_open) throw std::logic_error("nothing changed at changes_at");
    }
    return out;
  }

  PluginHost host;
  std::unique_ptr<sdk::Schedule> schedule;
};

using Lines = std::vector<std::string>;

}  // namespace upkeep::test
