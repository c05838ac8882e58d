// SPDX-License-Identifier: Apache-2.0
// What is shown of the release in force.

#include "core/spread.h"
#include "engine/supervisor.h"

namespace upkeep::engine {

using nlohmann::json;

namespace {

json maybe(const std::optional<sdk::TimePoint>& time) { return time ? json(sdk::rfc3339(*time)) : json(nullptr); }
json maybe(const std::optional<sdk::Version>& version) { return version ? json(version->str()) : json(nullptr); }
json maybe(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

json listed(const std::map<std::string, std::string>& table, const char* key, const char* value) {
  json out = json::array();
  for (const auto& [one, other] : table) out.push_back({{key, one}, {value, other}});
  return out;
}

}  // namespace

json Supervisor::offered_json() const {
  const auto* offered = release();
  if (offered == nullptr || !offered->version) return nullptr;
  return {{"version", offered->version->str()}, {"critical", offered->critical}};
}

// Beside version and critical.
json Supervisor::signed_json() const {
  const auto* now = in_force();
  if (now == nullptr || now->signers.empty()) return nullptr;
  const sdk::Release& said = now->release;
  json out = {{"serial", said.serial.value_or(0)},
              {"by", now->signers},
              {"issued", maybe(said.issued)},
              {"expires", maybe(said.expires)},
              {"notes", maybe(said.notes_url)},
              {"not_before", maybe(said.not_before)},
              {"minimum_from", maybe(said.minimum_from)},
              {"rollout", nullptr},
              {"withdrawn", json::array()},
              {"windows", said.schedule.has_value()},
              {"images", listed(said.images, "repository", "digest")},
              {"packages", listed(said.packages, "file", "sha256")},
              {"announced_keys", json::array()}};
  if (!said.rollout.empty()) {
    const double place = said.version ? core::rollout_place(identity(), said.version->str()) : 0;
    const core::Turn turn = core::turn_of(said, place, clock().now());
    out["rollout"] = {{"percent", turn.percent}, {"place", place}, {"has_come", turn.has_come}, {"comes", maybe(turn.comes)}};
  }
  for (const auto& one : said.withdrawn) out["withdrawn"].push_back({{"version", one.version.str()}, {"go_to", maybe(one.go_to)}});
  if (now->seen)
    for (const auto& one : now->seen->announced) out["announced_keys"].push_back(one.key.id);
  return out;
}

}  // namespace upkeep::engine
