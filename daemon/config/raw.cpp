// SPDX-License-Identifier: Apache-2.0
#include "config/raw.h"

#include <toml++/toml.h>

#include <algorithm>
#include <utility>

#include "sdk/text.h"

namespace upkeep::config {
namespace {

// toml++ recurses once for each part of a dotted key, so a long enough key would end the process. No key of ours has
// more than three parts. Comments are skipped; a text with this many dots between two of the signs below is refused too.
constexpr int kMaxDots = 64;

std::optional<int> line_with_too_many_dots(std::string_view text) {
  int line = 1, dots = 0;
  bool comment = false;
  for (const char c : text) {
    if (c == '\n') ++line;
    if (c == '\n' || std::string_view("=[]{},#").find(c) != std::string_view::npos) dots = 0;
    comment = c != '\n' && (comment || c == '#');
    if (c == '.' && !comment && ++dots > kMaxDots) return line;
  }
  return std::nullopt;
}

class Reader {
 public:
  Reader(const std::string& file, Issues& issues) : file_(file), issues_(issues) {}

  sdk::Config read(const toml::node& node, const std::string& path) {
    sdk::Place place{file_, static_cast<int>(node.source().begin.line)};
    if (const auto* table = node.as_table()) return sdk::Config(read_table(*table, path), place);
    if (const auto* array = node.as_array()) return sdk::Config(read_array(*array, path), place);
    if (const auto* text = node.as_string()) return sdk::Config(text->get(), place);
    if (const auto* number = node.as_integer()) return sdk::Config(number->get(), place);
    if (const auto* number = node.as_floating_point()) return sdk::Config(number->get(), place);
    if (const auto* flag = node.as_boolean()) return sdk::Config(flag->get(), place);
    issues_.push_back({place, path, "dates and times are written as text, in quotes"});
    return sdk::Config(std::string(), place);
  }

 private:
  sdk::Config::Table read_table(const toml::table& table, const std::string& path) {
    sdk::Config::Table out;
    for (const auto& [key, value] : table)
      out.emplace(key.str(), read(value, path.empty() ? shown_key(key.str()) : path + "." + shown_key(key.str())));
    return out;
  }

  sdk::Config::Array read_array(const toml::array& array, const std::string& path) {
    sdk::Config::Array out;
    for (const auto& value : array) out.push_back(read(value, path + "[" + std::to_string(out.size()) + "]"));
    return out;
  }

  const std::string& file_;
  Issues& issues_;
};

}  // namespace

std::string shown_key(std::string_view key) {
  const auto bare = [](char c) { return sdk::is_letter(c) || sdk::is_digit(c) || c == '_' || c == '-'; };
  const bool plain = !key.empty() && key.size() <= 60 && std::all_of(key.begin(), key.end(), bare);
  return plain ? std::string(key) : sdk::quoted(key);
}

std::optional<sdk::Config> parse(std::string_view text, const std::string& file, Issues& issues) {
  if (const auto line = line_with_too_many_dots(text)) {
    issues.push_back({{file, *line}, "", "more than " + std::to_string(kMaxDots) + " dots in a row; no key has that many parts"});
    return std::nullopt;
  }
  try {
    const toml::table table = toml::parse(text, std::string_view(file));
    const std::size_t before = issues.size();
    sdk::Config out = Reader(file, issues).read(table, "");
    if (issues.size() > before) return std::nullopt;
    return out;
  } catch (const toml::parse_error& error) {
    // It quotes what it saw, be it the end of a line.
    std::string why(error.description());
    for (char& c : why)
      if (static_cast<unsigned char>(c) < ' ') c = ' ';
    issues.push_back({{file, static_cast<int>(error.source().begin.line)}, "", std::move(why)});
  } catch (const std::exception& error) {
    issues.push_back({{file, 0}, "", std::string("cannot be read as TOML: ") + error.what()});
  }
  return std::nullopt;
}

void merge(sdk::Config& base, const sdk::Config& over) {
  const auto* from = std::get_if<sdk::Config::Table>(&over.value());
  auto* into = std::get_if<sdk::Config::Table>(&base.value());
  if (from == nullptr || into == nullptr) {
    base = over;
    return;
  }
  for (const auto& [key, value] : *from) {
    const auto [at, is_new] = into->try_emplace(key, value);
    if (!is_new) merge(at->second, value);
  }
}

bool is_config_file(std::string_view name) { return name.size() > 5 && name.ends_with(".toml") && name.front() != '.'; }

namespace {

// The place of an issue says already which file it is.
sdk::ConfigIssue unreadable(const std::string& path, const sdk::Error& error) {
  const bool named = error.message.starts_with(path + ": ");
  return {{path, 0}, "", named ? error.message.substr(path.size() + 2) : error.message};
}

std::optional<sdk::Config> read_file(sdk::Files& files, const std::string& path, Issues& issues) {
  const auto text = files.read(path, kMaxFile);
  if (text) return parse(*text, path, issues);
  issues.push_back(unreadable(path, text.error()));
  return std::nullopt;
}

}  // namespace

std::optional<sdk::Config> read_merged(sdk::Files& files, const std::string& path, Issues& issues) {
  std::optional<sdk::Config> tree = read_file(files, path, issues);
  const std::string drop_ins = path + ".d";
  if (!files.exists(drop_ins)) return tree;
  const auto names = files.list(drop_ins);
  if (!names) {
    issues.push_back(unreadable(drop_ins, names.error()));
    return std::nullopt;
  }
  for (const std::string& name : *names) {
    if (!is_config_file(name)) continue;
    const auto over = read_file(files, drop_ins + "/" + name, issues);
    if (over && tree) merge(*tree, *over);
    if (!over) tree.reset();
  }
  return tree;
}

}  // namespace upkeep::config
