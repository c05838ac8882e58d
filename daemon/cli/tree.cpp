// SPDX-License-Identifier: Apache-2.0
#include "cli/tree.h"

#include <CLI/App.hpp>
#include <algorithm>
#include <sstream>

namespace upkeep::cli {

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
}

std::vector<const CLI::Option*> flags_of(const CLI::App& app) {
  return app.get_options([](const CLI::Option* option) { return !option->get_positional() && !option->get_group().empty(); });
}

std::vector<const CLI::Option*> arguments_of(const CLI::App& app) {
  return app.get_options([](const CLI::Option* option) { return option->get_positional() && !option->get_group().empty(); });
}

std::string full_name(const CLI::App& app) {
  return (app.get_parent() == nullptr ? "" : full_name(*app.get_parent()) + " ") + app.get_name();
}

std::string name_of(const CLI::Option& option) {
  if (option.get_positional()) return option.get_name(true);
  return option.get_lnames().empty() ? "-" + option.get_snames().front() : "--" + option.get_lnames().front();
}

std::vector<std::string> choices_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();  // "TEXT:{installed,failed}"
  const auto open = type.find('{'), close = type.rfind('}');
  if (open == std::string::npos || close == std::string::npos) return {};
  std::istringstream list(type.substr(open + 1, close - open - 1));
  std::vector<std::string> out;
  for (std::string word; std::getline(list, word, ',');) out.push_back(word);
  return out;
}

std::string value_of(const CLI::Option& option) {
  if (option.get_positional() || option.get_items_expected_max() == 0) return "";
  std::string choices;
  for (const auto& choice : choices_of(option)) choices += (choices.empty() ? "" : "|") + choice;
  return choices.empty() ? option.get_type_name() : choices;
}

const CLI::Option* find_flag(const CLI::App& app, const std::string& name) {
  for (const auto* option : flags_of(app)) {
    if (option->check_name(name)) return option;
  }
  return app.get_parent() == nullptr ? nullptr : find_flag(*app.get_parent(), name);
}

Walk walk(const CLI::App& root, const std::vector<std::string>& words) {
  Walk out{.app = &root};
  bool only_arguments = false;
  for (const auto& word : words) {
    if (out.expects != nullptr) {
      out.expects = nullptr;
      out.flags.back().second = word;
    } else if (word == "--") {
      only_arguments = true;
    } else if (!only_arguments && word.starts_with('-') && word.size() > 1) {
      const auto equals = word.find('=');
      const auto* option = find_flag(*out.app, word.substr(0, equals));
      if (option != nullptr)
        out.flags.emplace_back(name_of(*option), equals == std::string::npos ? "" : word.substr(equals + 1));
      else if (out.unknown_flag.empty())
        out.unknown_flag = word.substr(0, equals);
      if (option != nullptr && equals == std::string::npos && !value_of(*option).empty()) out.expects = option;
    } else {
      const auto commands = commands_of(*out.app);
      const auto named = std::find_if(commands.begin(), commands.end(), [&](const auto* command) { return command->get_name() == word; });
      if (named != commands.end())
        out.app = *named;
      else if (commands.empty())
        out.arguments.push_back(word);
      else if (out.unknown_command.empty())
        out.unknown_command = word;
    }
  }
  return out;
}

}  // namespace upkeep::cli
