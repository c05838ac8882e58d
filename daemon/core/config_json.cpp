// SPDX-License-Identifier: Apache-2.0
#include "core/config_json.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

namespace upkeep::core {
namespace {

using nlohmann::json;
using sdk::Config;

constexpr int kDeepest = 32;

const sdk::KeySpec* find_key(std::span<const sdk::KeySpec> keys, std::string_view name) {
  auto it = std::find_if(keys.begin(), keys.end(), [&](const sdk::KeySpec& key) { return key.name == name; });
  return it != keys.end() ? &*it : nullptr;
}

json value_to_json(const Config& node, std::span<const sdk::KeySpec> keys) {
  if (const auto* table = std::get_if<Config::Table>(&node.value())) return config_to_json(Config(*table), keys);
  if (const auto* array = std::get_if<Config::Array>(&node.value())) {
    json out = json::array();
    for (const Config& item : *array) out.push_back(value_to_json(item, keys));
    return out;
  }
  if (const auto* text = std::get_if<std::string>(&node.value())) return *text;
  if (const auto* integer = std::get_if<std::int64_t>(&node.value())) return *integer;
  if (const auto* number = std::get_if<double>(&node.value())) return *number;
  return std::get<bool>(node.value());
}

Config value_from_json(const json& value, int depth) {
  if (depth > kDeepest) return Config(Config::Value(Config::Table()));
  switch (value.type()) {
    case json::value_t::object: {
      Config::Table table;
      for (const auto& [key, item] : value.items()) {
        if (!item.is_null()) table.emplace(key, value_from_json(item, depth + 1));
      }
      return Config(Config::Value(std::move(table)));
    }
    case json::value_t::array: {
      Config::Array array;
      for (const auto& item : value) array.push_back(value_from_json(item, depth + 1));
      return Config(Config::Value(std::move(array)));
    }
    case json::value_t::string:
      return Config(Config::Value(value.get<std::string>()));
    case json::value_t::boolean:
      return Config(Config::Value(value.get<bool>()));
    case json::value_t::number_integer:
      return Config(Config::Value(value.get<std::int64_t>()));
    case json::value_t::number_unsigned:
      if (value.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return Config(Config::Value(value.get<std::int64_t>()));
      }
      return Config(Config::Value(value.get<double>()));
    case json::value_t::number_float:
      return Config(Config::Value(value.get<double>()));
    default:
      return Config(Config::Value(std::string()));
  }
}

}  // namespace

json config_to_json(const Config& config, std::span<const sdk::KeySpec> keys) {
  json out = json::object();
  const auto* table = std::get_if<Config::Table>(&config.value());
  if (table == nullptr) return out;
  for (const auto& [name, child] : *table) {
    const sdk::KeySpec* key = find_key(keys, name);
    if (key != nullptr && key->secret) continue;
    out[name] = value_to_json(child, key != nullptr ? key->children : std::span<const sdk::KeySpec>());
  }
  return out;
}

Config config_from_json(const json& value) { return value.is_object() ? value_from_json(value, 0) : Config(); }

}  // namespace upkeep::core
