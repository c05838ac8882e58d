// SPDX-License-Identifier: Apache-2.0
#include "sdk/config.h"

namespace upkeep::sdk {
namespace {

template <typename T>
const T* child(const Config& config, std::string_view key) {
  const Config* node = config.find(key);
  return node != nullptr ? std::get_if<T>(&node->value()) : nullptr;
}

bool same_tables(const Config::Table& a, const Config::Table& b) {
  if (a.size() != b.size()) return false;
  for (auto left = a.begin(), right = b.begin(); left != a.end(); ++left, ++right) {
    if (left->first != right->first || !left->second.same(right->second)) return false;
  }
  return true;
}

bool same_arrays(const Config::Array& a, const Config::Array& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!a[i].same(b[i])) return false;
  }
  return true;
}

}  // namespace

const Config* Config::find(std::string_view key) const {
  const auto* table = std::get_if<Table>(&value_);
  if (table == nullptr) return nullptr;
  auto it = table->find(key);
  return it != table->end() ? &it->second : nullptr;
}

std::string Config::text(std::string_view key, std::string_view fallback) const {
  const auto* value = child<std::string>(*this, key);
  return value != nullptr ? *value : std::string(fallback);
}

std::int64_t Config::integer(std::string_view key, std::int64_t fallback) const {
  const auto* value = child<std::int64_t>(*this, key);
  return value != nullptr ? *value : fallback;
}

bool Config::flag(std::string_view key, bool fallback) const {
  const auto* value = child<bool>(*this, key);
  return value != nullptr ? *value : fallback;
}

Millis Config::duration(std::string_view key, Millis fallback) const {
  const auto* value = child<std::string>(*this, key);
  return value != nullptr ? parse_duration(*value).value_or(fallback) : fallback;
}

std::vector<std::string> Config::texts(std::string_view key) const {
  std::vector<std::string> out;
  const auto* array = child<Array>(*this, key);
  if (array == nullptr) return out;
  for (const Config& item : *array) {
    if (const auto* text = std::get_if<std::string>(&item.value())) out.push_back(*text);
  }
  return out;
}

std::vector<const Config*> Config::tables(std::string_view key) const {
  std::vector<const Config*> out;
  const auto* array = child<Array>(*this, key);
  if (array == nullptr) return out;
  for (const Config& item : *array) {
    if (item.is_table()) out.push_back(&item);
  }
  return out;
}

bool Config::same(const Config& other) const {
  if (value_.index() != other.value_.index()) return false;
  if (const auto* table = std::get_if<Table>(&value_)) return same_tables(*table, std::get<Table>(other.value_));
  if (const auto* array = std::get_if<Array>(&value_)) return same_arrays(*array, std::get<Array>(other.value_));
  if (const auto* text = std::get_if<std::string>(&value_)) return *text == std::get<std::string>(other.value_);
  if (const auto* integer = std::get_if<std::int64_t>(&value_)) return *integer == std::get<std::int64_t>(other.value_);
  if (const auto* number = std::get_if<double>(&value_)) return *number == std::get<double>(other.value_);
  return std::get<bool>(value_) == std::get<bool>(other.value_);
}

}  // namespace upkeep::sdk
