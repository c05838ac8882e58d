// SPDX-License-Identifier: Apache-2.0
// Writing release.json: the same document always gives the same bytes.
#include <nlohmann/json.hpp>

#include "core/config_json.h"
#include "core/release_document.h"

namespace upkeep::core {

using nlohmann::json;

namespace {

// What a host does by: one that does not know of it must not go on as if it were not there.
constexpr const char* kRequired[] = {"images", "minimum_from", "not_before", "packages", "rollout", "schedule", "withdrawn"};

template <typename List, typename Make>
json list(const List& from, Make make) {
  json out = json::array();
  for (const auto& one : from) out.push_back(make(one));
  return out;
}

}  // namespace

std::string write_document(const Document& document) {
  const sdk::Release& release = document.release;
  json out = {{"channel", document.channel},
              {"version", release.version ? release.version->str() : "none"},
              {"critical", release.critical},
              {"serial", release.serial.value_or(0)},
              {"issued", sdk::rfc3339(release.issued.value_or(sdk::TimePoint()))},
              {"expires", sdk::rfc3339(release.expires.value_or(sdk::TimePoint()))}};
  if (!release.notes_url.empty()) out["notes"] = release.notes_url;
  if (release.not_before) out["not_before"] = sdk::rfc3339(*release.not_before);
  if (release.minimum_from) out["minimum_from"] = release.minimum_from->str();
  if (!release.rollout.empty()) {
    out["rollout"] = list(release.rollout, [](const sdk::RolloutStage& stage) {
      return json({{"starts", sdk::rfc3339(stage.starts)}, {"percent", stage.percent}});
    });
  }
  if (!release.withdrawn.empty()) {
    out["withdrawn"] = list(release.withdrawn, [](const sdk::Withdrawn& one) {
      json entry = {{"version", one.version.str()}};
      if (one.go_to) entry["go_to"] = one.go_to->str();
      return entry;
    });
  }
  if (release.schedule) out["schedule"] = config_to_json(*release.schedule, {});
  if (!release.images.empty()) out["images"] = release.images;
  if (!release.packages.empty()) out["packages"] = release.packages;
  if (document.keys) out["keys"] = list(*document.keys, [](const MinisignKey& key) { return json(to_text(key)); });
  json required = json::array();
  for (const char* name : kRequired)
    if (out.contains(name)) required.push_back(name);
  if (!required.empty()) out["requires"] = std::move(required);
  return out.dump(2) + "\n";
}

}  // namespace upkeep::core
