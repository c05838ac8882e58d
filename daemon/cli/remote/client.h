// SPDX-License-Identifier: Apache-2.0
#pragma once
// The daemon's API over its unix socket. Everything that goes wrong, from a socket that is not there to a refusal, is a
// Failure that knows the command's exit status.

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "cli/context.h"

namespace upkeep::cli {

using Deadline = std::optional<std::chrono::steady_clock::time_point>;

struct Failure {
  int exit_status = kFailed;
  std::string code;  // of the API's list, or no_daemon, gave_up
  std::string message;
};
template <typename T>
using Outcome = tl::expected<T, Failure>;

// A stream of JSON lines.
struct StreamHandler {
  // The daemon has begun to send: nothing that happens from now on is missed. false ends the stream.
  std::function<bool()> open;
  // false ends the stream.
  std::function<bool(const nlohmann::json&)> line;
  // About once a second while nothing comes; may be left out.
  std::function<void()> tick = nullptr;
};

class Client {
 public:
  explicit Client(std::string socket) : socket_(std::move(socket)) {}

  [[nodiscard]] Outcome<nlohmann::json> get(const std::string& path, std::chrono::milliseconds limit = std::chrono::seconds(30)) const;
  // Past the deadline: gave_up. What was asked for may happen all the same.
  [[nodiscard]] Outcome<nlohmann::json> post(const std::string& path, const nlohmann::json& body, Deadline deadline = std::nullopt) const;
  // Returns when the handler ended it. The daemon's end of the stream is a failure (no_daemon).
  [[nodiscard]] Outcome<void> stream(const std::string& path, const StreamHandler& handler, Deadline deadline = std::nullopt) const;

 private:
  [[nodiscard]] Outcome<nlohmann::json> request(const std::string& path, const std::string* body, std::chrono::milliseconds limit) const;

  std::string socket_;
};

// A value for an address: "a b" becomes "a%20b".
[[nodiscard]] std::string url_escaped(const std::string& text);

// Says it on standard error, and as a document with --json; sets the exit status.
void report(const Failure& failure, Context& context);

}  // namespace upkeep::cli
