// SPDX-License-Identifier: Apache-2.0
#include "cli/help.h"

#include <algorithm>
#include <sstream>

#include "cli/terminal.h"
#include "cli/tree.h"

namespace upkeep::cli {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kColumn = 24;

}  // namespace

std::string help_entry(const std::string& left, const std::string& right) {
  const std::string next_line = "\n" + std::string(kColumn, ' ');
  std::string out = "  " + left;
  if (out.size() + 2 > kColumn)
    out += next_line;
  else
    out.resize(kColumn, ' ');
  std::size_t column = kColumn;
  std::istringstream words(right);
  bool first = true;
  for (std::string word; words >> word; first = false) {
    if (!first && column + 1 + word.size() > kWidth) {
      out += next_line;
      column = kColumn;
    } else if (!first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out + "\n";
}

std::string shown(const CLI::Option& option, bool whole) {
  std::string out;
  if (whole && !option.get_positional() && !option.get_lnames().empty())
    for (const auto& name : option.get_snames()) out += "-" + name + ", ";
  out += name_of(option);
  const std::string value = value_of(option);
  return value.empty() ? out : out + " " + value;
}

std::string Help::make_option(const CLI::Option* option, bool /*is_argument*/) const {
  std::string text = option->get_description();
  if (option->get_required()) text += " (required)";
  if (!option->get_default_str().empty()) text += " (default: " + option->get_default_str() + ")";
  return help_entry(shown(*option), text);
}

std::string Help::make_description(const CLI::App* app) const { return filled(app->get_description(), 0, kWidth) + "\n"; }

std::string Help::make_subcommand(const CLI::App* command) const { return help_entry(command->get_name(), command->get_description()); }

std::string Help::make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const {
  std::string out = CLI::Formatter::make_help(app, std::move(name), mode);
  if (app->get_parent() == nullptr) return out;
  const CLI::App* root = app;
  while (root->get_parent() != nullptr) root = root->get_parent();
  std::string shared;
  for (const auto* option : flags_of(*root)) {
    if (name_of(*option) == "--help" || name_of(*option) == "--version") continue;
    shared += make_option(option, false);
  }
  return out + "\nOptions of every command:\n" + shared;
}

}  // namespace upkeep::cli
