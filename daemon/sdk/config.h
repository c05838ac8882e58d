// SPDX-License-Identifier: Apache-2.0
#pragma once
// A configuration tree whose every node knows the file and line it came from, and the key tables by which plugins
// describe what they understand. The tree a factory gets has been validated against its table: required keys are
// there and every value has its type, so the accessors below do not fail for keys of the table.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sdk/time.h"

namespace upkeep::sdk {

struct Place {
  std::string file;
  int line = 0;
};

class Config {
 public:
  using Table = std::map<std::string, Config, std::less<>>;
  using Array = std::vector<Config>;
  using Value = std::variant<std::string, std::int64_t, double, bool, Array, Table>;

  Config() : value_(Table{}) {}
  explicit Config(Value value, Place place = {}) : value_(std::move(value)), place_(std::move(place)) {}

  [[nodiscard]] const Place& place() const { return place_; }
  [[nodiscard]] const Value& value() const { return value_; }
  [[nodiscard]] Value& value() { return value_; }
  [[nodiscard]] bool is_table() const { return std::holds_alternative<Table>(value_); }

  // Child of a table; nullptr when absent or when this is no table.
  [[nodiscard]] const Config* find(std::string_view key) const;
  [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }

  // Typed reads of a child: the fallback when the key is absent or has another type.
  [[nodiscard]] std::string text(std::string_view key, std::string_view fallback = "") const;
  [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t fallback = 0) const;
  [[nodiscard]] bool flag(std::string_view key, bool fallback = false) const;
  [[nodiscard]] Millis duration(std::string_view key, Millis fallback = Millis(0)) const;
  [[nodiscard]] std::vector<std::string> texts(std::string_view key) const;
  // Children of an array of tables; empty when absent.
  [[nodiscard]] std::vector<const Config*> tables(std::string_view key) const;

  // Equal values and keys; places do not count.
  [[nodiscard]] bool same(const Config& other) const;

 private:
  Value value_;
  Place place_;
};

enum class KeyType { text, integer, number, flag, duration, text_list, table, table_list };
[[nodiscard]] std::string_view name(KeyType type);

// One key that a plugin understands.
struct KeySpec {
  std::string_view name;
  KeyType type = KeyType::text;
  bool required = false;
  std::string_view fallback = {};          // as written in the documentation; empty: none
  std::string_view help = {};              // one line
  bool secret = false;                     // never shown, never journalled
  std::span<const KeySpec> children = {};  // for table and table_list
  // Of an installer: say what is kept, and no two agents may keep the same.
  bool subject = false;       // together with the other keys of this kind
  bool subject_each = false;  // by itself, also each of a list's values, whichever of these keys names it
};

struct ConfigIssue {
  Place place;
  std::string path;  // "source.url", "schedule[0].windows[1].start"
  std::string message;
};

}  // namespace upkeep::sdk
