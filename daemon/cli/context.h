// SPDX-License-Identifier: Apache-2.0
#pragma once
// What every command of `upkeep` shares: the options that stand before any command, where answers go, and the exit
// status. A command ends by setting exit_status; nothing here calls exit().

#include <nlohmann/json.hpp>
#include <string>

namespace upkeep::cli {

// The promise to scripts.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;    // failed or refused
inline constexpr int kUsage = 2;     // wrong usage
inline constexpr int kGaveUp = 3;    // asked to wait and gave up waiting
inline constexpr int kNoDaemon = 4;  // no daemon answers

// $UPKEEP_PLUGINS, else where the package installs plugins.
[[nodiscard]] std::string default_plugin_dir();
// $UPKEEP_CONFIG, else /etc/upkeep.
[[nodiscard]] std::string default_config_dir();

// Bytes that are no UTF-8 are replaced, never an exception. For a terminal it is ASCII, so that no text can steer it.
// indent -1: all on one line.
[[nodiscard]] std::string json_text(const nlohmann::json& document, int indent);

// Under which heading the help lists a command.
inline constexpr const char* kLook = "Look";
inline constexpr const char* kUpgrade = "Upgrade and go back";
inline constexpr const char* kSteer = "Steer";
inline constexpr const char* kPublish = "Publish";
inline constexpr const char* kSetUp = "Set up";

struct Context {
  bool json = false;  // --json: the document on standard output, everything for people on standard error
  std::string socket = "/run/upkeep/control.sock";
  std::string config_dir = default_config_dir();
  std::string plugin_dir = default_plugin_dir();
  int exit_status = kDone;

  // The command's one document, on standard output.
  void print_json(const nlohmann::json& document) const;
  // "upkeep: message" on standard error, and the exit status. The message may have several lines and come from outside.
  void fail(const std::string& message, int status = kFailed);
};

}  // namespace upkeep::cli
