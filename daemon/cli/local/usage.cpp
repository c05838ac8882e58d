// SPDX-License-Identifier: Apache-2.0
#include "cli/local/usage.h"

#include <CLI/App.hpp>
#include <algorithm>
#include <iostream>

#include "cli/terminal.h"
#include "cli/tree.h"
#include "config/keys.h"

namespace upkeep::cli {
namespace {

std::vector<std::string> flag_names(const CLI::App* app) {
  std::vector<std::string> out;
  for (; app != nullptr; app = app->get_parent())
    for (const auto* option : flags_of(*app)) out.push_back(name_of(*option));
  return out;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> out;
  for (const auto* command : commands_of(app)) out.push_back(command->get_name());
  return out;
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& known) {
  const std::string_view near = config::nearest(word, {known.begin(), known.end()});
  return near.empty() ? "" : "; did you mean `" + std::string(near) + "`?";
}

std::string what_is_wrong(const Walk& at, const CLI::ParseError& error) {
  if (!at.unknown_command.empty())
    return "'" + at.unknown_command + "' is no command" + did_you_mean(at.unknown_command, command_names(*at.app));
  if (!at.unknown_flag.empty())
    return full_name(*at.app) + " has no option " + at.unknown_flag + did_you_mean(at.unknown_flag, flag_names(at.app));
  if (!commands_of(*at.app).empty()) {
    std::string list;
    for (const auto& name : command_names(*at.app)) list += (list.empty() ? "" : ", ") + name;
    return at.app->get_parent() == nullptr ? "a command is missing" : full_name(*at.app) + " what? There is: " + list;
  }
  return error.what();
}

}  // namespace

void report_usage(const CLI::App& root, const std::vector<std::string>& words, const CLI::ParseError& error, Context& context) {
  const Walk at = walk(root, words);
  const std::string message = what_is_wrong(at, error);
  context.json = context.json || std::find(words.begin(), words.end(), "--json") != words.end();
  if (context.json) context.print_json({{"error", {{"code", "invalid"}, {"message", message}}}});
  context.fail(printable(message) + "\nTry `" + full_name(*at.app) + " --help`.", kUsage);
}

}  // namespace upkeep::cli
