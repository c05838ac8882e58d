// SPDX-License-Identifier: Apache-2.0
#include "sdk/bus.h"

namespace upkeep::sdk {

std::string BusValue::text(std::string_view fallback) const {
  const auto* value = std::get_if<std::string>(&any);
  return value != nullptr ? *value : std::string(fallback);
}

std::uint64_t BusValue::number(std::uint64_t fallback) const {
  if (const auto* value = std::get_if<std::uint64_t>(&any)) return *value;
  if (const auto* value = std::get_if<std::int64_t>(&any); value != nullptr && *value >= 0) return static_cast<std::uint64_t>(*value);
  if (const auto* value = std::get_if<bool>(&any)) return *value ? 1 : 0;
  return fallback;
}

bool BusValue::flag(bool fallback) const {
  const auto* value = std::get_if<bool>(&any);
  return value != nullptr ? *value : fallback;
}

const BusArray& BusValue::items() const {
  static const BusArray kNone;
  const auto* value = std::get_if<BusArray>(&any);
  return value != nullptr ? *value : kNone;
}

const BusValue* BusValue::find(std::string_view key) const {
  const auto* dict = std::get_if<BusDict>(&any);
  if (dict == nullptr) return nullptr;
  for (const auto& [name, value] : *dict) {
    const auto* text = std::get_if<std::string>(&name.any);
    if (text != nullptr && *text == key) return &value;
  }
  return nullptr;
}

const BusValue& BusMessage::at(std::size_t i) const {
  static const BusValue kEmpty;
  return i < arguments.size() ? arguments[i] : kEmpty;
}

}  // namespace upkeep::sdk
