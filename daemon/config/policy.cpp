// SPDX-License-Identifier: Apache-2.0
// [policy]: what may be upgraded to, and from what.
#include "config/agent.h"

namespace upkeep::config {
namespace {

using sdk::KeyType;

constexpr sdk::KeySpec kPolicyKeys[] = {
    {.name = "downgrade",
     .type = KeyType::text,
     .fallback = "same-major",
     .help = "to lower versions: never, same-major (within the installed major version), any"},
    {.name = "major_skip",
     .type = KeyType::text,
     .fallback = "any",
     .help = "how many major versions may be skipped at once: any, or a number (0: none)"},
    {.name = "unhealthy_may_upgrade",
     .type = KeyType::flag,
     .fallback = "false",
     .help = "an unhealthy agent may be upgraded outside its windows"},
    {.name = "require_way_back",
     .type = KeyType::text,
     .fallback = "unless-critical",
     .help = "no upgrade when going back would be impossible: always, unless-critical, never"},
    {.name = "install_missing", .type = KeyType::flag, .fallback = "false", .help = "install the agent where it is not installed"},
    {.name = "spread",
     .type = KeyType::duration,
     .fallback = "0s",
     .help = "hosts start at different times within this long after a window opens, so that a fleet does not change at once"},
    {.name = "download_ahead",
     .type = KeyType::flag,
     .fallback = "false",
     .help = "download a release before the window opens, so that the window is used for the change alone"},
    {.name = "finish_in_window",
     .type = KeyType::flag,
     .fallback = "false",
     .help = "start only when the upgrade, its soak included, is expected to end within the window; learned from the upgrades before"},
    {.name = "max_age",
     .type = KeyType::duration,
     .fallback = "24h",
     .help = "upgrades wait while the last good read of the channel is older, from 1m to 365d"},
    {.name = "revert_deadline",
     .type = KeyType::duration,
     .fallback = "1h",
     .help = "how long going back is tried again before the operation is stuck, from 1m to 7d"},
};

// `major_skip` is "any" or a whole number; as text it is one type.
sdk::Config with_text_major_skip(const sdk::Config& table) {
  sdk::Config out = table;
  auto& keys = std::get<sdk::Config::Table>(out.value());
  const auto at = keys.find("major_skip");
  if (at == keys.end()) return out;
  if (const auto* number = std::get_if<std::int64_t>(&at->second.value()))
    at->second = sdk::Config(std::to_string(*number), at->second.place());
  return out;
}

void read_major_skip(const Section& section, core::Policy& policy) {
  const std::string word = section.table.text("major_skip", "any");
  if (word == "any") return;
  policy.major_skip = sdk::parse_number(word);
  if (!policy.major_skip)
    section.issue("major_skip", "must be \"any\" or how many majors may be skipped (0, 1, …), not " + sdk::quoted(word));
}

}  // namespace

std::span<const sdk::KeySpec> policy_keys() { return kPolicyKeys; }

void read_policy(const Section& section, core::AgentSettings& out) {
  const sdk::Config table = with_text_major_skip(section.table);
  const Section policy{table, section.path, section.issues};
  const std::size_t before = policy.issues.size();
  check_keys(table, kPolicyKeys, policy.path, policy.issues);
  if (policy.issues.size() > before) return;

  policy.choose("downgrade", out.policy.downgrade,
                {{"never", core::Downgrade::never}, {"same-major", core::Downgrade::same_major}, {"any", core::Downgrade::any}});
  policy.choose("require_way_back", out.policy.require_way_back,
                {{"always", core::RequireWayBack::always},
                 {"unless-critical", core::RequireWayBack::unless_critical},
                 {"never", core::RequireWayBack::never}});
  read_major_skip(policy, out.policy);
  out.policy.unhealthy_may_upgrade = table.flag("unhealthy_may_upgrade", out.policy.unhealthy_may_upgrade);
  out.policy.install_missing = table.flag("install_missing", out.policy.install_missing);
  out.policy.spread = table.duration("spread", out.policy.spread);
  out.policy.download_ahead = table.flag("download_ahead", out.policy.download_ahead);
  out.policy.finish_in_window = table.flag("finish_in_window", out.policy.finish_in_window);
  policy.bounded("max_age", out.max_age, std::chrono::minutes(1), std::chrono::hours(24 * 365));
  policy.bounded("revert_deadline", out.revert_deadline, std::chrono::minutes(1), std::chrono::hours(24 * 7));
}

}  // namespace upkeep::config
