// SPDX-License-Identifier: Apache-2.0
// What systemd says of a unit. During a soak: active, the same start of it all the time, and begun after the apply; a crash
// loop is final at once. With use = "notify" being active must also mean that the program itself has said READY=1.
#include <algorithm>

#include "engine/probe.h"
#include "sdk/unit_status.h"

namespace upkeep::engine {
namespace {

using nlohmann::json;
using sdk::Task;

class UnitProbe : public Probe {
 public:
  UnitProbe(sdk::Host& host, core::ProbeSettings settings)
      : host_(host), settings_(std::move(settings)), notify_(settings_.use == "notify") {}

  [[nodiscard]] std::string unit() const override { return settings_.unit; }
  [[nodiscard]] bool quick() const override { return true; }

  Task<void> before_restart(json& out) override {
    const auto status = co_await sdk::unit_status(host_, settings_.unit);
    // Without an answer nothing can be compared, and what runs after the restart has to prove itself.
    if (status) out[settings_.unit] = json::object({{"invocation", status->invocation}, {"restarts", status->restarts}});
  }

  void begin_soak(const json& before, bool other_boot) override {
    soaking_ = true;
    first_invocation_.clear();
    old_invocation_.clear();
    restarts_ = 0;
    const auto found = before.find(settings_.unit);
    if (other_boot || found == before.end()) return;  // whatever runs now has been started since
    if (settings_.fresh_start)
      old_invocation_ = found->value("invocation", std::string());
    else
      restarts_ = found->value("restarts", std::uint64_t{0});
  }
  void end_soak() override { soaking_ = false; }

  Task<Reading> look() override {
    const auto asked = co_await sdk::unit_status(host_, settings_.unit);
    Reading reading;
    if (!asked) {  // systemd not answering says nothing about the agent
      reading.detail = asked.error().message;
      co_return reading;
    }
    read(*asked, reading);
    if (soaking_) judge(*asked, reading);
    if (!asked->said.empty()) {
      reading.output = end_of_output("its status: " + asked->said);
      if (notify_) reading.detail += ", status: " + asked->said.substr(0, kStatusText);
    }
    co_return reading;
  }

 private:
  static constexpr std::size_t kStatusText = 200;

  static std::string shown(const sdk::UnitStatus& unit) { return unit.active + " (" + unit.sub + ")"; }

  void read(const sdk::UnitStatus& unit, Reading& reading) const {
    reading.detail = shown(unit);
    if (unit.load != "loaded") {
      reading.detail = "the unit is " + unit.load;
      reading.state = ProbeState::failing;
    } else if (notify_ && unit.type != "notify" && unit.type != "notify-reload") {
      reading.detail = "it has Type=" + unit.type + ", so systemd does not listen to READY=1: give it Type=notify, or take this probe out";
      reading.state = ProbeState::failing;
    } else if (unit.active == "activating" && unit.sub != "auto-restart") {
      reading.detail = (notify_ ? "has not said READY=1: " : "still starting: ") + shown(unit);
    } else if (unit.active == "reloading") {
      reading.detail = "reloading";
    } else {
      reading.state = unit.active == "active" ? ProbeState::ok : ProbeState::failing;
    }
    if (notify_ && reading.state == ProbeState::ok) reading.detail = "has said READY=1";
  }

  void judge(const sdk::UnitStatus& unit, Reading& reading) {
    if (unit.sub == "auto-restart" || unit.restarts > restarts_) {
      reading.state = ProbeState::failing;
      const auto count = unit.restarts - std::min(restarts_, unit.restarts);
      reading.detail = "crash loop: " + shown(unit) + (count == 0 ? "" : ", restarted " + std::to_string(count) + " times by systemd");
      reading.final = true;
    } else if (reading.state == ProbeState::ok && !old_invocation_.empty() && unit.invocation == old_invocation_) {
      reading.state = ProbeState::failing;
      reading.detail = "the main process is the one from before the upgrade";
    } else if (reading.state == ProbeState::ok) {
      if (first_invocation_.empty()) first_invocation_ = unit.invocation;
      if (unit.invocation != first_invocation_) {
        reading.state = ProbeState::failing;
        reading.detail = "the unit was restarted during the soak";
        reading.final = true;
      }
    } else if (unit.active == "failed") {
      reading.final = true;
    }
  }

  sdk::Host& host_;
  core::ProbeSettings settings_;
  bool notify_;
  bool soaking_ = false;
  std::string first_invocation_;  // of this soak
  std::string old_invocation_;    // before the restart
  std::uint64_t restarts_ = 0;    // allowed: counted before this soak
};

}  // namespace

std::shared_ptr<Probe> make_unit_probe(sdk::Host& host, const core::ProbeSettings& settings) {
  return std::make_shared<UnitProbe>(host, settings);
}

}  // namespace upkeep::engine
