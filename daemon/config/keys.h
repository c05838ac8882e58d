// SPDX-License-Identifier: Apache-2.0
#pragma once
// Checks a tree against a table of keys: unknown keys (with the nearest right one), wrong types, missing keys. Used for
// our own tables and, with the descriptor's table, for every plugin's.

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/raw.h"
#include "sdk/config.h"
#include "sdk/text.h"

namespace upkeep::config {

// `path` is the table's own, empty for the file's root.
void check_keys(const sdk::Config& table, std::span<const sdk::KeySpec> keys, const std::string& path, Issues& issues);

[[nodiscard]] std::vector<std::string_view> names_of(std::span<const sdk::KeySpec> keys);

// The unknown keys only.
void check_known(const sdk::Config& table, const std::vector<std::string_view>& known, const std::string& path, Issues& issues);

[[nodiscard]] std::string join(const std::string& path, std::string_view key);

// The known word that a person most likely meant; empty when none is near.
[[nodiscard]] std::string_view nearest(std::string_view word, const std::vector<std::string_view>& known);

// "; did you mean `url`?", or "; known are: a, b".
[[nodiscard]] std::string suggestion(std::string_view word, const std::vector<std::string_view>& known);

// A table that is being read after check_keys: where it is, and where trouble goes.
struct Section {
  const sdk::Config& table;
  std::string path;
  Issues& issues;

  // At the key's own place when it is there, else at the table's.
  void issue(std::string_view key, std::string message) const;

  // One of a few words; `out` keeps its default when the key is absent.
  template <typename T>
  void choose(std::string_view key, T& out, const std::vector<std::pair<std::string_view, T>>& choices) const {
    if (!table.has(key)) return;
    const std::string word = table.text(key);
    std::vector<std::string_view> known;
    for (const auto& [name, value] : choices) {
      if (name == word) {
        out = value;
        return;
      }
      known.push_back(name);
    }
    issue(key, sdk::quoted(word) + " is not a choice" + suggestion(word, known));
  }

  // Whole numbers and durations within bounds, both inclusive.
  void bounded(std::string_view key, int& out, int least, int most) const;
  void bounded(std::string_view key, sdk::Millis& out, sdk::Millis least, sdk::Millis most) const;
};

}  // namespace upkeep::config
