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
  core::DueHook what;
  what.hook = which;
  what.operation = operation().id;
  what.from = operation().change.from;
  what.to = std::move(to);
  auto settings = configured->second;
  co_return co_await carry_out(std::move(what), std::move(settings));
}

bool Supervisor::hook_has_ended(const std::string& id, const std::string& name) const {
  const auto which = core::hook_from(name);
  if (which == Hook::after_commit || which == Hook::after_rollback) return !state().due_hook || state().due_hook->operation != id;
  if (!which || !state().operation || operation().id != id) return false;
  const auto run = operation().hooks.find(*which);
  return run != operation().hooks.end() && run->second.ended;
}

// What the last operation left to do: before anything else is, and again when the daemon died meanwhile.
Task<void> Supervisor::run_due_hook() {
  if (!state().due_hook) co_return;
  auto due = *state().due_hook;
  evaluate_ = true;
  // One that takes the daemon or its machine down each time is given up, as an upgrade is that does so.
  if (due.starts > core::kMaxResumes) {
    const auto name = std::string(core::name(due.hook));
    HookEnd given_up{false, "hook " + name + ": given up, it was interrupted again and again", {name + ": interrupted again and again"}};
    co_await hook_ended(std::move(due), std::move(given_up));
    co_return;
  }
  auto hooks = core::hooks_from_json(due.settings);
  auto settings = std::move(hooks[due.hook]);
  co_await carry_out(std::move(due), std::move(settings));
}

Task<std::string> Supervisor::carry_out(core::DueHook due, core::HookSettings settings) {
  const auto name = std::string(core::name(due.hook));
  json fields = {{"hook", name}, {"state", "started"}, {"to", due.to}};
  co_await must_append_for(due.operation, Event::hook, std::move(fields));
  if (state().operation) host_->progress({std::nullopt, "hook " + name + " runs"});
  emit("hook", {{"operation", due.operation}, {"hook", name}, {"state", "started"}});
  std::map<std::string, std::string> environment{
      {"UPKEEP_AGENT", name_}, {"UPKEEP_FROM", due.from}, {"UPKEEP_TO", due.to}, {"UPKEEP_OPERATION", due.operation}};
  auto end = co_await run_hook(*host_, due.hook, std::move(settings), std::move(environment));
  co_return co_await hook_ended(std::move(due), std::move(end));
}

Task<std::string> Supervisor::hook_ended(core::DueHook due, HookEnd end) {
  const auto name = std::string(core::name(due.hook));
  const bool ok = end.ok;
  const auto detail = end.detail;
  host_->log(ok ? sdk::LogLevel::info : sdk::LogLevel::warn, "operation=" + due.operation + " " + detail);
  if (!ok) ++counters_.hook_failures.at(static_cast<std::size_t>(due.hook));
  json fields = {{"hook", name}, {"state", "ended"}, {"to", due.to},
                 {"ok", ok},     {"detail", detail}, {"lines", core::bounded(std::move(end.lines))}};
  const bool after = due.hook == Hook::after_commit || due.hook == Hook::after_rollback;
  if (after && (!state().due_hook || state().due_hook->operation != due.operation)) co_return detail;  // a damaged journal was moved aside
  co_await must_append_for(due.operation, Event::hook, std::move(fields));
  emit("hook", {{"operation", due.operation}, {"hook", name}, {"state", "ended"}, {"ok", ok}, {"detail", detail}});
  progress_ = sdk::Progress();
  co_return ok ? std::string() : detail;
}

}  // namespace upkeep::engine
