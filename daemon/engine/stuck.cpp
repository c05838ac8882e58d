// SPDX-License-Identifier: Apache-2.0
// What people need to know of an operation whose way back failed too: what was tried, what the host looks like and what to type.

#include "engine/supervisor.h"
#include "sdk/unit_status.h"

namespace upkeep::engine {

using core::Phase;
using nlohmann::json;
using sdk::Task;

namespace {

constexpr std::size_t kErrors = 5;

std::string times(int count) { return count == 1 ? "once" : std::to_string(count) + " times"; }

}  // namespace

void Supervisor::Attempts::add(const std::string& error) {
  ++count;
  if (!errors.empty() && errors.back().first == error) {
    ++errors.back().second;
    return;
  }
  errors.emplace_back(error, 1);
  if (errors.size() > kErrors) errors.erase(errors.begin());
}

std::vector<std::string> Supervisor::tried(const Attempts& attempts) const {
  const auto& now = operation();
  std::vector<std::string> out{now.shown_to() + " was to be taken back because: " + now.cause};
  const auto back = now.back_to.empty() ? std::string("nothing installed") : now.back_to;
  if (attempts.count > 0)
    out.push_back("going back to " + back + " was tried " + times(attempts.count) + " from " + sdk::rfc3339(attempts.since) + " to " +
                  sdk::rfc3339(clock().now()));
  for (const auto& [error, count] : attempts.errors) out.push_back(times(count) + ": " + error);
  if (now.resumes > 0)
    out.push_back("the daemon was restarted " + times(now.resumes) + " while going back to " + back + ", since " +
                  sdk::rfc3339(now.phase_at));
  return out;
}

// Reads only. What the package manager says of a half-installed package is among the installer's warnings.
Task<void> Supervisor::look_at_stuck() {
  if (!state().operation || operation().phase != Phase::stuck) co_return;
  std::vector<std::string> now;
  if (!parts_) {
    now.emplace_back("the host cannot be looked at: the agent is not in the configuration, or wrongly");
  } else {
    const UsingParts in_use(*this);
    const auto parts = parts_;
    auto installed = co_await parts->installer->inspect(nullptr);
    if (installed) {
      now.push_back((installed->version.empty() ? "nothing" : installed->version) + " is installed");
      now.insert(now.end(), installed->warnings.begin(), installed->warnings.end());
      now.push_back("way back: " + installed->way_back.text);
      seen_.installed = std::move(*installed);
      seen_.inspected = true;
    } else {
      now.push_back("what is installed cannot be found out: " + installed.error().message);
    }
    for (const auto& unit : parts->probes->units()) {
      const auto status = co_await sdk::unit_status(*host_, unit);
      now.push_back(status ? unit + " is " + status->active + " (" + status->sub + ")" : status.error().message);
    }
  }
  stuck_now_ = std::move(now);
  if (!state().operation || operation().phase != Phase::stuck) co_return;  // resolved meanwhile
  auto lines = operation().tried;
  for (const auto& one : stuck_now_) lines.push_back("now: " + one);
  for (const auto& one : stuck_commands()) lines.push_back(one.command + "  # " + one.text);
  co_await record(sdk::Topic::stuck, std::move(lines));
}

std::vector<sdk::Advice> Supervisor::stuck_commands() const {
  const auto change = operation().change_back();
  const auto version = change.target->str();
  std::vector<sdk::Advice> out;
  if (parts_) {
    out = parts_->installer->advice(change);
    for (const auto& unit : parts_->probes->units()) {
      out.push_back({"journalctl -u " + unit + " -n 50", "what the unit said last"});
      out.push_back({"sudo systemctl restart " + unit, "starts what is installed"});
    }
  }
  out.push_back({"upkeep check " + name_, "looks at the host again"});
  out.push_back({"upkeep resolve " + name_ + " --as installed",
                 "when " + version + " is installed and works: the operation counts as committed, and upgrades go on"});
  out.push_back({"upkeep resolve " + name_ + " --as failed",
                 "when another version is installed and works: " + version + " is quarantined, and upgrades go on with the next release"});
  return out;
}

json Supervisor::stuck_json() const {
  if (!state().operation || operation().phase != Phase::stuck) return nullptr;
  json commands = json::array();
  for (const auto& one : stuck_commands()) commands.push_back({{"command", one.command}, {"text", one.text}});
  return {{"tried", operation().tried}, {"now", stuck_now_}, {"commands", std::move(commands)}};
}

}  // namespace upkeep::engine
