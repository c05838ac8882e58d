// SPDX-License-Identifier: Apache-2.0
// A program that must end with status 0, and an address at which somebody must take connections.
#include "engine/probe.h"

namespace upkeep::engine {
namespace {

using sdk::Task;

constexpr std::size_t kDetail = 300;  // characters of a command's output that are shown

std::string shortened(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  if (text.size() > kDetail) text = "…" + text.substr(text.size() - kDetail);
  return text;
}

class CommandProbe : public Probe {
 public:
  CommandProbe(sdk::Host& host, core::ProbeSettings settings) : host_(host), settings_(std::move(settings)) {}

  Task<Reading> look() override {
    sdk::ProcessRequest request(settings_.command);
    request.deadline = settings_.timeout;
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
      reading.output = end_of_output(ran->err + ran->out);
      reading.detail =
          (ran->signal != 0 ? "ended by signal " + std::to_string(ran->signal) : "exit status " + std::to_string(ran->exit_code)) +
          (said.empty() ? "" : ": " + said);
    }
    co_return reading;
  }

 private:
  sdk::Host& host_;
  core::ProbeSettings settings_;
};

class TcpProbe : public Probe {
 public:
  TcpProbe(sdk::Host& host, core::ProbeSettings settings) : host_(host), settings_(std::move(settings)) {}

  Task<Reading> look() override {
    auto address = settings_.address;
    const auto reached = co_await host_.sockets().knock(std::move(address), settings_.timeout);
    Reading reading;
    if (reached) {
      reading.state = ProbeState::ok;
      reading.detail = "takes connections";
    } else {
      const auto& error = reached.error();
      // What is outside of this host says nothing about the agent on it.
      reading.final = error.code == sdk::Errc::unsupported;
      reading.state = reading.final || error.code == sdk::Errc::cancelled ? ProbeState::unknown : ProbeState::failing;
      reading.detail = error.message;
    }
    co_return reading;
  }

 private:
  sdk::Host& host_;
  core::ProbeSettings settings_;
};

}  // namespace

std::shared_ptr<Probe> make_command_probe(sdk::Host& host, const core::ProbeSettings& settings) {
  return std::make_shared<CommandProbe>(host, settings);
}

std::shared_ptr<Probe> make_tcp_probe(sdk::Host& host, const core::ProbeSettings& settings) {
  return std::make_shared<TcpProbe>(host, settings);
}

}  // namespace upkeep::engine
