// SPDX-License-Identifier: Apache-2.0
#pragma once
// One health check as configured, and as an operation keeps it in the journal.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/time.h"

namespace upkeep::core {

inline constexpr std::string_view kProbeKinds[] = {"unit", "command", "http", "tcp", "notify", "log", "installer"};

struct ProbeSettings {
  std::string use;                   // one of kProbeKinds
  std::string unit;                  // unit, notify, log
  std::vector<std::string> command;  // argument vector
  std::string url;                   // http
  std::string address;               // tcp: "127.0.0.1:3025" or a unix socket's path; http: where to connect instead of to the URL's host
  std::string unix_socket, ca_file;  // http
  int least_status = 200, most_status = 299;
  std::string body;                 // http: must be in it; empty: anything
  std::string json_pointer, value;  // http: what must be there; no pointer: anything
  std::string pattern = ".";        // log
  sdk::Millis interval = std::chrono::seconds(5);
  sdk::Millis timeout = std::chrono::seconds(10);
  int successes = 1;  // needed in a row
  int failures = 1;   // in a row that make it failing
  // unit and notify: the main process must have started after the end of apply (restart_how is try-restart or restart).
  bool fresh_start = true;

  // "unit demo.service", "http 127.0.0.1:3000/readyz"
  [[nodiscard]] std::string name() const;
};

[[nodiscard]] nlohmann::json to_json(const ProbeSettings& probe);
// Throws json::exception for anything that to_json never wrote. Journals of older versions lack the newer keys.
[[nodiscard]] ProbeSettings probe_from_json(const nlohmann::json& value);

}  // namespace upkeep::core
