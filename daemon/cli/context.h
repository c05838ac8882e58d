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

struct Context {
  bool json = false;  // --json: the document on standard output, everything for people on standard error
  std::string socket = "/run/upkeep/control.sock";
  std::string config_dir = "/etc/upkeep";
  std::string plugin_dir = default_plugin_dir();
  int exit_status = kDone;

  // The command's one document, on standard output. Bytes that are no UTF-8 are replaced, never an exception.
  void print_json(const nlohmann::json& document) const;
  // "upkeep: message" on standard error, and the exit status.
  void fail(const std::string& message, int status = kFailed);
};

}  // namespace upkeep::cli
