// SPDX-License-Identifier: Apache-2.0
#include "engine/hooks.h"

#include "engine/supervisor.h"
#include "sdk/text.h"
#include "sdk/unit_job.h"

namespace upkeep::engine {

using core::Event;
using core::Hook;
using nlohmann::json;
using sdk::Task;

namespace {

constexpr std::size_t kMaxOutput = 16 * 1024;  // of each stream, the last of it
constexpr std::size_t kLines = 20;             // for the record

}  // namespace

Task<HookEnd> run_hook(sdk::Host& host, Hook hook, core::HookSettings settings, std::map<std::string, std::string> environment) {
  const auto began = host.clock().boot_now();
  HookEnd out;
  std::string how;
  std::vector<std::string> said;
  if (settings.command.empty()) {
    const auto started = co_await sdk::run_unit_job(host, sdk::UnitVerb::start, settings.unit, settings.timeout);
    out.ok = started.has_value();
    how = started ? settings.unit + " has run" : started.error().message;
  } else {
    sdk::ProcessRequest request(settings.command);
    request.environment = std::move(environment);
    request.deadline = settings.timeout;
    request.max_output = kMaxOutput;
    request.keep_last = true;
    const auto ran = co_await host.process().run(std::move(request));
    if (ran) {
      out.ok = ran->exit_code == 0;
      how = settings.command.front() +
            (ran->signal != 0 ? ": ended by signal " + std::to_string(ran->signal) : ": exit status " + std::to_string(ran->exit_code));
      said = sdk::lines_of(ran->out + "\n" + ran->err);
    } else {
      how = ran.error().message;
    }
  }
  said = core::last_lines(std::move(said), kLines);
  const auto name = std::string(core::name(hook));
  out.detail = "hook " + name + ": " + how + (out.ok || said.empty() ? "" : ": " + said.back());
  out.lines.push_back(name + ": " + how + ", after " + sdk::format_duration(host.clock().boot_now() - began));
  out.lines.insert(out.lines.end(), said.begin(), said.end());
  co_return out;
}

Task<std::string> Supervisor::hook(Hook which, std::string to) {
  const auto configured = settings().hooks.find(which);
  if (configured == settings().hooks.end()) co_return "";
  if (const auto run = operation().hooks.find(which); run != operation().hooks.end() && run->second.ended) co_return "";
  core::HookCall call{which, operation().id, operation().change.from, std::move(to), configured->second};
  co_return co_await carry_out(std::move(call));
}

// What the last operation left to do: before anything else is, and again when the daemon died meanwhile.
Task<void> Supervisor::run_due_hook() {
  if (!state().due_hook) co_return;
  const int starts = state().due_hook->starts;
  auto call = state().due_hook->call;
  evaluate_ = true;
  // One that takes the daemon or its machine down each time is given up, as an upgrade is that does so.
  if (starts > core::kMaxResumes) {
    const auto name = std::string(core::name(call.hook));
    HookEnd given_up{false, "hook " + name + ": given up, it was interrupted again and again", {name + ": interrupted again and again"}};
    co_await hook_ended(std::move(call), std::move(given_up));
    co_return;
  }
  co_await carry_out(std::move(call));
}

Task<std::string> Supervisor::carry_out(core::HookCall call) {
  const auto name = std::string(core::name(call.hook));
  json fields = {{"hook", name}, {"state", "started"}, {"to", call.to}};
  co_await must_append_for(call.operation, Event::hook, std::move(fields));
  if (state().operation) host_->progress({std::nullopt, "hook " + name + " runs"});
  emit("hook", {{"operation", call.operation}, {"hook", name}, {"state", "started"}});
  std::map<std::string, std::string> environment{
      {"UPKEEP_AGENT", name_}, {"UPKEEP_FROM", call.from}, {"UPKEEP_TO", call.to}, {"UPKEEP_OPERATION", call.operation}};
  auto end = co_await run_hook(*host_, call.hook, call.settings, std::move(environment));
  co_return co_await hook_ended(std::move(call), std::move(end));
}

Task<std::string> Supervisor::hook_ended(core::HookCall call, HookEnd end) {
  const auto name = std::string(core::name(call.hook));
  const bool ok = end.ok;
  const auto detail = end.detail;
  host_->log(ok ? sdk::LogLevel::info : sdk::LogLevel::warn, "operation=" + call.operation + " " + detail);
  if (!ok) ++counters_.hook_failures.at(static_cast<std::size_t>(call.hook));
  json fields = {{"hook", name}, {"state", "ended"}, {"to", call.to},
                 {"ok", ok},     {"detail", detail}, {"lines", core::bounded(std::move(end.lines))}};
  if (core::after_end(call.hook) && (!state().due_hook || state().due_hook->call.operation != call.operation))
    co_return detail;  // a damaged journal was moved aside
  co_await must_append_for(call.operation, Event::hook, std::move(fields));
  emit("hook", {{"operation", call.operation}, {"hook", name}, {"state", "ended"}, {"ok", ok}, {"detail", detail}});
  progress_ = sdk::Progress();
  co_return ok ? std::string() : detail;
}

}  // namespace upkeep::engine
