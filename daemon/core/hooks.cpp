// SPDX-License-Identifier: Apache-2.0
#include "core/hooks.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace upkeep::core {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 4> kHooks = {"before_apply", "after_apply", "after_commit", "after_rollback"};

}  // namespace

std::string_view name(Hook hook) { return kHooks.at(static_cast<std::size_t>(hook)); }

std::optional<Hook> hook_from(std::string_view text) {
  for (std::size_t i = 0; i < kHooks.size(); ++i)
    if (kHooks[i] == text) return static_cast<Hook>(i);
  return std::nullopt;
}

json hooks_to_json(const Hooks& hooks) {
  json out = json::object();
  for (const auto& [hook, settings] : hooks)
    out[std::string(name(hook))] = {{"command", settings.command}, {"unit", settings.unit}, {"timeout_ms", settings.timeout.count()}};
  return out;
}

Hooks hooks_from_json(const json& value) {
  Hooks out;
  for (const auto& [key, one] : value.get_ref<const json::object_t&>()) {
    const auto hook = hook_from(key);
    if (!hook) continue;  // of a newer Upkeep
    HookSettings settings;
    settings.command = one.at("command").get<std::vector<std::string>>();
    settings.unit = one.at("unit").get<std::string>();
    settings.timeout = sdk::Millis(one.at("timeout_ms").get_ref<const json::number_integer_t&>());
    out.emplace(*hook, std::move(settings));
  }
  return out;
}

}  // namespace upkeep::core
