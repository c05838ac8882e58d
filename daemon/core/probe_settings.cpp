// SPDX-License-Identifier: Apache-2.0
#include "core/probe_settings.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "sdk/text.h"

namespace upkeep::core {
namespace {

using nlohmann::json;

std::int64_t read_whole(const json& value) { return value.get_ref<const json::number_integer_t&>(); }
int read_count(const json& value) { return static_cast<int>(std::clamp<std::int64_t>(read_whole(value), 1, 1'000'000)); }

// The texts that only some kinds have, by the names that they have in the journal.
struct Text {
  const char* key;
  std::string ProbeSettings::*member;
};
constexpr Text kTexts[] = {
    {"url", &ProbeSettings::url},         {"address", &ProbeSettings::address}, {"unix_socket", &ProbeSettings::unix_socket},
    {"ca_file", &ProbeSettings::ca_file}, {"body", &ProbeSettings::body},       {"json", &ProbeSettings::json_pointer},
    {"value", &ProbeSettings::value}};

}  // namespace

std::string ProbeSettings::name() const {
  if (use == "http") {
    auto shown = url.substr(0, url.find_first_of("?#"));
    if (const auto scheme = shown.find("://"); scheme != std::string::npos)
      shown = shown.substr(0, scheme) + " " + shown.substr(scheme + 3);
    return shown;
  }
  if (use == "installer") return use;
  const auto program = command.empty() ? std::string() : command.front();
  const auto& what = use == "command" ? program : use == "tcp" ? address : unit;
  return use + " " + what;
}

json to_json(const ProbeSettings& probe) {
  json out = {{"use", probe.use},
              {"unit", probe.unit},
              {"command", probe.command},
              {"interval_ms", probe.interval.count()},
              {"timeout_ms", probe.timeout.count()},
              {"successes", probe.successes},
              {"failures", probe.failures},
              {"fresh_start", probe.fresh_start}};
  for (const auto& [key, member] : kTexts)
    if (!(probe.*member).empty()) out[key] = probe.*member;
  if (probe.use == "log") out["pattern"] = probe.pattern;
  if (probe.use == "http") {
    out["least_status"] = probe.least_status;
    out["most_status"] = probe.most_status;
  }
  return out;
}

ProbeSettings probe_from_json(const json& value) {
  ProbeSettings probe;
  probe.use = value.at("use").get<std::string>();
  if (std::find(std::begin(kProbeKinds), std::end(kProbeKinds), probe.use) == std::end(kProbeKinds))
    throw json::other_error::create(501, "there is no probe " + sdk::quoted(probe.use), &value);
  probe.unit = value.at("unit").get<std::string>();
  probe.command = value.at("command").get<std::vector<std::string>>();
  probe.interval = sdk::Millis(read_whole(value.at("interval_ms")));
  probe.timeout = sdk::Millis(read_whole(value.at("timeout_ms")));
  probe.successes = read_count(value.at("successes"));
  probe.failures = read_count(value.at("failures"));
  probe.fresh_start = value.at("fresh_start").get<bool>();
  for (const auto& [key, member] : kTexts)
    if (value.contains(key)) probe.*member = value.at(key).get<std::string>();
  if (value.contains("pattern")) probe.pattern = value.at("pattern").get<std::string>();
  if (value.contains("least_status")) probe.least_status = read_count(value.at("least_status"));
  if (value.contains("most_status")) probe.most_status = read_count(value.at("most_status"));
  return probe;
}

}  // namespace upkeep::core
