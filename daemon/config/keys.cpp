// SPDX-License-Identifier: Apache-2.0
#include "config/keys.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace upkeep::config {
namespace {

// Edit distance in which two neighbours swapped count as one mistake.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  std::iota(d[0].begin(), d[0].end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

std::string_view what_it_is(const sdk::Config& value) {
  constexpr std::string_view kNames[] = {"text", "a whole number", "a number", "true or false", "a list", "a table"};
  return kNames[value.value().index()];
}

std::string wrong_type(std::string_view wanted, const sdk::Config& got) {
  return "must be " + std::string(wanted) + ", not " + std::string(what_it_is(got));
}

const sdk::Config::Array* array_of(const sdk::Config& value) { return std::get_if<sdk::Config::Array>(&value.value()); }

// One item of a list after the other, each with the path "list[i]".
template <typename Check>
void each_item(const sdk::Config& list, const std::string& path, Check check) {
  const auto& items = std::get<sdk::Config::Array>(list.value());
  for (std::size_t i = 0; i < items.size(); ++i) check(items[i], path + "[" + std::to_string(i) + "]");
}

void check_duration(const sdk::Config& value, const std::string& path, Issues& issues) {
  if (const auto* text = std::get_if<std::string>(&value.value())) {
    const auto parsed = sdk::parse_duration(*text);
    if (!parsed) issues.push_back({value.place(), path, parsed.error().message});
  } else {
    issues.push_back({value.place(), path, wrong_type("a duration in quotes, as in \"5m\"", value)});
  }
}

void check_value(const sdk::Config& value, const sdk::KeySpec& key, const std::string& path, Issues& issues) {
  const auto must = [&](bool holds, std::string_view wanted) {
    if (!holds) issues.push_back({value.place(), path, wrong_type(wanted, value)});
    return holds;
  };
  const auto& any = value.value();
  switch (key.type) {
    case sdk::KeyType::text:
      must(std::holds_alternative<std::string>(any), "text in quotes");
      return;
    case sdk::KeyType::integer:
      must(std::holds_alternative<std::int64_t>(any), "a whole number");
      return;
    case sdk::KeyType::number: {
      const auto* number = std::get_if<double>(&any);
      must(std::holds_alternative<std::int64_t>(any) || (number != nullptr && std::isfinite(*number)), "a finite number");
      return;
    }
    case sdk::KeyType::flag:
      must(std::holds_alternative<bool>(any), "true or false");
      return;
    case sdk::KeyType::duration:
      check_duration(value, path, issues);
      return;
    case sdk::KeyType::text_list:
      if (!must(array_of(value) != nullptr, "a list of texts")) return;
      each_item(value, path, [&](const sdk::Config& item, const std::string& at) {
        if (!std::holds_alternative<std::string>(item.value())) issues.push_back({item.place(), at, wrong_type("text in quotes", item)});
      });
      return;
    case sdk::KeyType::table:
      if (must(value.is_table(), "a table")) check_keys(value, key.children, path, issues);
      return;
    case sdk::KeyType::table_list:
      if (!must(array_of(value) != nullptr, "a list of tables, each under [[" + path + "]]")) return;
      each_item(value, path, [&](const sdk::Config& item, const std::string& at) {
        if (item.is_table())
          check_keys(item, key.children, at, issues);
        else
          issues.push_back({item.place(), at, wrong_type("a table", item)});
      });
      return;
  }
}

}  // namespace

std::string join(const std::string& path, std::string_view key) { return path.empty() ? shown_key(key) : path + "." + shown_key(key); }

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& known) {
  if (word.size() > 64) return {};
  const std::string lower = sdk::lower(word);
  std::string_view best;
  std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;  // further away than that is another word
  for (const std::string_view candidate : known) {
    const bool longer = candidate.size() >= 3 && lower.starts_with(candidate);
    const bool shorter = lower.size() >= 3 && candidate.starts_with(lower);
    const std::size_t d = longer || shorter ? 1 : distance(lower, candidate);
    if (d < least) {
      least = d;
      best = candidate;
    }
  }
  return best;
}

std::string suggestion(std::string_view word, const std::vector<std::string_view>& known) {
  if (const std::string_view near = nearest(word, known); !near.empty()) return "; did you mean `" + std::string(near) + "`?";
  std::string out;
  for (const std::string_view name : known) out += (out.empty() ? "; known are: " : ", ") + std::string(name);
  return out;
}

void check_keys(const sdk::Config& table, std::span<const sdk::KeySpec> keys, const std::string& path, Issues& issues) {
  for (const sdk::KeySpec& key : keys) {
    const sdk::Config* value = table.find(key.name);
    if (value != nullptr)
      check_value(*value, key, join(path, key.name), issues);
    else if (key.required)
      issues.push_back({table.place(), join(path, key.name), "is missing"});
  }
  check_known(table, names_of(keys), path, issues);
}

std::vector<std::string_view> names_of(std::span<const sdk::KeySpec> keys) {
  std::vector<std::string_view> out;
  for (const sdk::KeySpec& key : keys) out.push_back(key.name);
  return out;
}

void check_known(const sdk::Config& table, const std::vector<std::string_view>& known, const std::string& path, Issues& issues) {
  for (const auto& [name, value] : std::get<sdk::Config::Table>(table.value()))
    if (std::find(known.begin(), known.end(), name) == known.end())
      issues.push_back({value.place(), join(path, name), "unknown key" + suggestion(name, known)});
}

void Section::issue(std::string_view key, std::string message) const {
  const sdk::Config* value = table.find(key);
  issues.push_back({value != nullptr ? value->place() : table.place(), join(path, key), std::move(message)});
}

void Section::bounded(std::string_view key, int& out, int least, int most) const {
  if (!table.has(key)) return;
  const std::int64_t value = table.integer(key, out);
  if (value < least || value > most)
    issue(key, "must be between " + std::to_string(least) + " and " + std::to_string(most) + ", not " + std::to_string(value));
  else
    out = static_cast<int>(value);
}

void Section::bounded(std::string_view key, sdk::Millis& out, sdk::Millis least, sdk::Millis most) const {
  if (!table.has(key)) return;
  const sdk::Millis value = table.duration(key, out);
  if (value < least || value > most)
    issue(key,
          "must be between " + sdk::format_duration(least) + " and " + sdk::format_duration(most) + ", not " + sdk::format_duration(value));
  else
    out = value;
}

}  // namespace upkeep::config
