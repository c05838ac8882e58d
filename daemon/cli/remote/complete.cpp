// SPDX-License-Identifier: Apache-2.0
#include "cli/remote/complete.h"

#include <CLI/App.hpp>
#include <algorithm>
#include <filesystem>
#include <set>

#include "cli/remote/agents.h"
#include "cli/remote/client.h"
#include "cli/remote/text.h"
#include "cli/terminal.h"
#include "cli/tree.h"

namespace upkeep::cli {
namespace {

using nlohmann::json;

constexpr auto kPatience = std::chrono::milliseconds(500);
constexpr const char* kFile = ":file";

class Completion {
 public:
  Completion(const CLI::App& root, std::vector<std::string> words, const Context& context)
      : root_(root), context_(context), last_(words.empty() ? "" : words.back()) {
    if (!words.empty()) words.pop_back();
    at_ = walk(root_, words);
  }

  std::string run() {
    if (!at_.unknown_command.empty() || !at_.unknown_flag.empty()) return "";
    if (at_.expects != nullptr)
      value(*at_.expects, "");
    else if (const auto equals = last_.find('='); last_.starts_with("--") && equals != std::string::npos)
      value_behind_equals(last_.substr(0, equals));
    else if (last_.starts_with('-'))
      flags();
    else if (!commands_of(*at_.app).empty())
      for (const auto* command : commands_of(*at_.app)) add(command->get_name(), command->get_description());
    else
      argument();
    return out_;
  }

 private:
  void add(const std::string& word, const std::string& meaning) {
    if (word.starts_with(last_) && told_.insert(word).second) out_ += printable(word) + "\t" + printable(meaning) + "\n";
  }
  void add_files() { out_ += std::string(kFile) + "\n"; }

  void value(const CLI::Option& option, const std::string& before) {
    for (const auto& choice : choices_of(option)) add(before + choice, "");
    if (option.get_type_name() == "FILE" && before.empty()) add_files();
    if (name_of(option) == "--operation") operations(before);
    if (at_.app->get_name() == "rollback" && name_of(option) == "--to") former_versions(before);
  }
  void value_behind_equals(const std::string& flag) {
    if (const auto* option = find_flag(*at_.app, flag); option != nullptr) value(*option, flag + "=");
  }

  [[nodiscard]] bool given(const std::string& flag) const {
    return std::any_of(at_.flags.begin(), at_.flags.end(), [&](const auto& one) { return one.first == flag; });
  }
  [[nodiscard]] bool excluded(const CLI::Option& option) const {
    const auto others = option.get_excludes();
    return std::any_of(others.begin(), others.end(), [&](const auto* other) { return !other->get_positional() && given(name_of(*other)); });
  }
  void flags() {
    for (const auto* app = at_.app; app != nullptr; app = app->get_parent()) {
      for (const auto* option : flags_of(*app)) {
        const std::string name = name_of(*option);
        const bool of_root = app == &root_ && app != at_.app && name == "--version";
        if (!given(name) && !excluded(*option) && !of_root) add(name, option->get_description());
      }
    }
  }

  void argument() {
    const auto arguments = arguments_of(*at_.app);
    const std::size_t number = at_.arguments.size();
    if (number >= arguments.size() || given("--all")) return flags();
    const std::string name = name_of(*arguments[number]);
    if (name == "AGENT") agents();
    if (name == "VERSION" || (number + 1 < arguments.size() && name_of(*arguments[number + 1]) == "VERSION")) versions();
    if (name.find("FILE") != std::string::npos || name.find("PATH") != std::string::npos || name.find("FOLDER") != std::string::npos)
      add_files();
  }

  void agents() {
    for (const auto& agent : known_agents()) {
      const std::string installed = text(agent, "installed");
      add(text(agent, "name"), (installed.empty() ? "not installed" : installed) + ", " + text(member(agent, "decision"), "reason"));
    }
    // Who enables an agent has just written its file; the daemon need not run for it.
    if (const std::string command = at_.app->get_name();
        command == "enable" || command == "disable" || at_.app->get_parent()->get_name() == "store")
      configured_agents();
  }
  void configured_agents() {
    std::error_code error;
    for (std::filesystem::directory_iterator file(context_.config_dir + "/agents.d", error), end; !error && file != end;
         file.increment(error))
      if (file->path().extension() == ".toml") add(file->path().stem(), "configured");
  }

  // Of the agent that is named, else of the only one.
  void versions() {
    const json& agents = known_agents();
    const std::string named = at_.arguments.empty() ? "" : at_.arguments.front();
    if (named.empty() && agents.size() != 1) return;
    for (const auto& agent : agents) {
      if (!named.empty() && text(agent, "name") != named) continue;
      if (at_.app->get_name() == "unquarantine") {
        for (const auto& version : member(agent, "quarantined"))
          if (version.is_string()) add(version.get<std::string>(), "quarantined");
        continue;
      }
      add(text(agent, "target"), "the target");
      if (at_.app->get_name() == "pin") add(text(member(agent, "offered"), "version"), "offered by the channel");
    }
  }

  void operations(const std::string& before) {
    const auto address = at_.arguments.empty() ? "/v1/history" : agent_path(at_.arguments.front(), "history");
    const auto document = Client(socket()).get(address, kPatience);
    if (!document) return;
    for (const auto& one : member(*document, "operations"))
      add(before + text(one, "id"),
          text(one, "from") + " -> " + text(one, "to") + ", " + (text(one, "result").empty() ? "running" : text(one, "result")));
  }

  // Of the agent that is named, else of the only one: where it can go back to.
  void former_versions(const std::string& before) {
    const json& agents = known_agents();
    const std::string named = at_.arguments.empty() ? "" : at_.arguments.front();
    if (named.empty() && agents.size() != 1) return;
    for (const auto& agent : agents) {
      if (!named.empty() && text(agent, "name") != named) continue;
      for (const auto& version : member(member(agent, "can_go_back"), "versions"))
        if (version.is_string()) add(before + version.get<std::string>(), "can be had");
    }
  }

  const json& known_agents() {
    if (asked_) return agents_;
    asked_ = true;
    if (const auto document = Client(socket()).get("/v1/agents", kPatience)) agents_ = member(*document, "agents");
    return agents_;
  }
  [[nodiscard]] std::string socket() const {
    std::string out = context_.socket;
    for (const auto& [flag, value] : at_.flags)
      if (flag == "--socket") out = value;
    return out;
  }

  const CLI::App& root_;
  const Context& context_;
  std::string last_;
  Walk at_;
  std::string out_;
  std::set<std::string> told_;
  bool asked_ = false;
  json agents_ = json::array();
};

}  // namespace

std::string complete(const CLI::App& root, std::vector<std::string> words, const Context& context) {
  return Completion(root, std::move(words), context).run();
}

}  // namespace upkeep::cli
