// SPDX-License-Identifier: Apache-2.0
// What the installer knows of the agent's health. It was bad before the operation or not: it is what the operation is about.
#include <asio/experimental/awaitable_operators.hpp>

#include "engine/probe.h"

namespace upkeep::engine {
namespace {

using sdk::Errc;
using sdk::Task;
using namespace asio::experimental::awaitable_operators;

ProbeState state_of(sdk::Health health) {
  switch (health) {
    case sdk::Health::healthy:
      return ProbeState::ok;
    case sdk::Health::unhealthy:
      return ProbeState::failing;
    case sdk::Health::unknown:
      break;
  }
  return ProbeState::unknown;
}

class InstallerProbe : public Probe {
 public:
  InstallerProbe(sdk::Host& host, std::shared_ptr<sdk::Installer> installer, sdk::Millis timeout)
      : host_(host), installer_(std::move(installer)), timeout_(timeout) {}

  Task<Reading> look() override {
    const auto until = host_.clock().boot_now() + timeout_;
    auto asked = co_await (installer_->vitals() || overslept(until));
    Reading reading;
    if (asked.index() == 1) {
      reading.excused = true;
      reading.detail = "no answer within " + sdk::format_duration(timeout_);
      co_return reading;
    }
    auto& vitals = std::get<0>(asked);
    if (!vitals) {  // a server that is away says nothing of the agent
      reading.excused = true;
      reading.detail = vitals.error().message;
      reading.final = vitals.error().code == Errc::denied || vitals.error().code == Errc::unsupported;
      co_return reading;
    }
    reading.state = state_of(vitals->state);
    reading.detail = std::move(vitals->text);
    reading.final = vitals->final && reading.state == ProbeState::failing;
    reading.excused = vitals->excused;
    reading.output = std::move(vitals->output);
    co_return reading;
  }
  [[nodiscard]] bool signalled() const override { return true; }
  [[nodiscard]] bool excusable() const override { return false; }

 private:
  // A clock that is set wakes sleepers early.
  Task<void> overslept(sdk::BootTime until) {
    while (host_.clock().boot_now() < until) co_await host_.clock().sleep_for(until - host_.clock().boot_now());
  }

  sdk::Host& host_;
  std::shared_ptr<sdk::Installer> installer_;
  sdk::Millis timeout_;
};

}  // namespace

std::shared_ptr<Probe> make_installer_probe(sdk::Host& host, std::shared_ptr<sdk::Installer> installer,
                                            const core::ProbeSettings& settings) {
  return std::make_shared<InstallerProbe>(host, std::move(installer), settings.timeout);
}

}  // namespace upkeep::engine
