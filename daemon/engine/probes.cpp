// SPDX-License-Identifier: Apache-2.0
#include "engine/probes.h"

#include <algorithm>

namespace upkeep::engine {
namespace {

using nlohmann::json;
using sdk::Task;

constexpr std::size_t kDetail = 300;   // characters of a command's output that are shown
constexpr std::size_t kOutput = 1500;  // and kept for the record

std::string shortened(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  if (text.size() > kDetail) text = "…" + text.substr(text.size() - kDetail);
  return text;
}

// The end of an output, by lines.
std::vector<std::string> last_lines(std::string_view text) {
  text = text.substr(text.size() - std::min(text.size(), kOutput));
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    if (end > 0) out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace

std::string_view name(ProbeState state) {
  switch (state) {
    case ProbeState::ok:
      return "ok";
    case ProbeState::failing:
      return "failing";
    case ProbeState::unknown:
      break;
  }
  return "unknown";
}

Probes::Probes(sdk::Host& host, std::vector<core::ProbeSettings> settings) : host_(host), settings_(std::move(settings)) {
  for (const auto& one : settings_) status_.push_back({one.name(), ProbeState::unknown, std::nullopt, "", false});
  tracks_.resize(settings_.size());
}

Task<void> Probes::look_once(bool all) {
  for (std::size_t i = 0; i < settings_.size(); ++i) {
    if (!all && settings_[i].use != "unit") continue;
    const auto reading = co_await look(i);
    note(i, reading);
  }
}

Task<json> Probes::before_restart() {
  json out = json::object();
  for (const auto& unit : units()) {
    auto status = co_await unit_status(host_, unit);
    if (!status) continue;  // then nothing can be compared, and what runs after the restart has to prove itself
    out[unit] = json::object({{"invocation", status->invocation}, {"restarts", status->restarts}});
  }
  co_return out;
}

json Probes::failing() const {
  json out = json::object();
  for (const auto& one : status_)
    if (one.state == ProbeState::failing) out[one.name] = one.detail;
  return out;
}

void Probes::begin_soak(const json& baseline, const json& before, bool other_boot) {
  soaking_ = true;
  evidence_.clear();
  for (std::size_t i = 0; i < settings_.size(); ++i) {
    tracks_[i] = Track();
    tracks_[i].next = host_.clock().boot_now();
    status_[i].baseline = baseline.contains(status_[i].name);
    const auto found = before.find(settings_[i].unit);
    if (other_boot || found == before.end()) continue;  // whatever runs now has been started since
    if (settings_[i].fresh_start) {
      tracks_[i].old_invocation = found->value("invocation", std::string());
    } else {
      tracks_[i].restarts = found->value("restarts", std::uint64_t{0});
    }
  }
}

void Probes::end_soak() {
  soaking_ = false;
  for (auto& one : status_) one.baseline = false;
}

Task<sdk::BootTime> Probes::look_due() {
  sdk::BootTime next = sdk::BootTime::max();
  for (std::size_t i = 0; i < settings_.size(); ++i) {
    if (tracks_[i].next <= host_.clock().boot_now()) {
      const auto reading = co_await look(i);
      note(i, reading);
      auto& track = tracks_[i];
      if (reading.state == ProbeState::ok) {
        ++track.good;
        track.bad = 0;
      } else if (reading.state == ProbeState::failing) {
        track.good = 0;
        if (++track.bad >= settings_[i].failures || reading.final) track.failed = true;
        if (track.failed && !status_[i].baseline && evidence_.empty()) {
          evidence_ = {status_[i].name + ": " + reading.detail};
          evidence_.insert(evidence_.end(), reading.output.begin(), reading.output.end());
        }
      }
      track.next = host_.clock().boot_now() + settings_[i].interval;
    }
    next = std::min(next, tracks_[i].next);
  }
  co_return next;
}

std::string Probes::failure() const {
  for (std::size_t i = 0; i < tracks_.size(); ++i)
    if (tracks_[i].failed && !status_[i].baseline) return status_[i].name + ": " + status_[i].detail;
  return "";
}

bool Probes::all_hold() const { return missing().empty(); }

std::string Probes::missing() const {
  for (std::size_t i = 0; i < tracks_.size(); ++i)
    if (!status_[i].baseline && tracks_[i].good < settings_[i].successes)
      return status_[i].name + (status_[i].detail.empty() ? "" : ": " + status_[i].detail);
  return "";
}

void Probes::units_changed() {
  for (std::size_t i = 0; i < settings_.size(); ++i)
    if (settings_[i].use == "unit") tracks_[i].next = host_.clock().boot_now();
}

sdk::Health Probes::health() const {
  bool known = false;
  for (const auto& one : status_) {
    if (one.state == ProbeState::failing && !one.baseline) return sdk::Health::unhealthy;
    known = known || one.state == ProbeState::ok;
  }
  return known ? sdk::Health::healthy : sdk::Health::unknown;
}

std::vector<std::string> Probes::units() const {
  std::vector<std::string> out;
  for (const auto& one : settings_)
    if (one.use == "unit") out.push_back(one.unit);
  return out;
}

Task<Probes::Reading> Probes::look(std::size_t index) {
  if (settings_[index].use == "unit") co_return co_await look_at_unit(index);
  co_return co_await run_command(index);
}

// During a soak: active, the same start of it all the time, and begun after the apply. A crash loop is final at once.
Task<Probes::Reading> Probes::look_at_unit(std::size_t index) {
  const auto asked = co_await unit_status(host_, settings_[index].unit);
  Reading reading;
  if (!asked) {  // systemd not answering says nothing about the agent
    reading.detail = asked.error().message;
    co_return reading;
  }
  const auto& unit = *asked;
  const auto shown = unit.active + " (" + unit.sub + ")";
  reading.detail = shown;
  if (unit.load != "loaded") {
    reading.detail = "the unit is " + unit.load;
    reading.state = ProbeState::failing;
  } else if (unit.active == "activating" && unit.sub != "auto-restart") {
    reading.detail = "still starting: " + shown;
  } else if (unit.active == "reloading") {
    reading.detail = "reloading";
  } else {
    reading.state = unit.active == "active" ? ProbeState::ok : ProbeState::failing;
  }
  if (!soaking_) co_return reading;

  auto& track = tracks_[index];
  if (unit.sub == "auto-restart" || unit.restarts > track.restarts) {
    reading.state = ProbeState::failing;
    const auto count = unit.restarts - std::min(track.restarts, unit.restarts);
    reading.detail = "crash loop: " + shown + (count == 0 ? "" : ", restarted " + std::to_string(count) + " times by systemd");
    reading.final = true;
  } else if (reading.state == ProbeState::ok && !track.old_invocation.empty() && unit.invocation == track.old_invocation) {
    reading.state = ProbeState::failing;
    reading.detail = "the main process is the one from before the upgrade";
  } else if (reading.state == ProbeState::ok) {
    if (track.first_invocation.empty()) track.first_invocation = unit.invocation;
    if (unit.invocation != track.first_invocation) {
      reading.state = ProbeState::failing;
      reading.detail = "the unit was restarted during the soak";
      reading.final = true;
    }
  } else if (unit.active == "failed") {
    reading.final = true;
  }
  co_return reading;
}

Task<Probes::Reading> Probes::run_command(std::size_t index) {
  sdk::ProcessRequest request(settings_[index].command);
  request.deadline = settings_[index].timeout;
  request.max_output = 4096;
  const auto ran = co_await host_.process().run(std::move(request));
  Reading reading;
  reading.state = ProbeState::failing;
  if (!ran) {
    reading.detail = ran.error().message;
  } else if (ran->exit_code == 0) {
    reading.state = ProbeState::ok;
    reading.detail = "exit status 0";
  } else {
    const auto said = shortened(ran->err.empty() ? ran->out : ran->err);
    reading.output = last_lines(ran->err + ran->out);
    reading.detail =
        (ran->signal != 0 ? "ended by signal " + std::to_string(ran->signal) : "exit status " + std::to_string(ran->exit_code)) +
        (said.empty() ? "" : ": " + said);
  }
  co_return reading;
}

void Probes::note(std::size_t index, const Reading& reading) {
  auto& one = status_[index];
  if (one.state != reading.state || !one.since) one.since = host_.clock().now();
  one.state = reading.state;
  one.detail = reading.detail;
}

}  // namespace upkeep::engine
