// SPDX-License-Identifier: Apache-2.0
#pragma once
// Starts an operation and shows it live until it ends. The operation is the daemon's: whatever happens to this program or
// to the connection, it goes on, and that is said.

#include <nlohmann/json.hpp>
#include <string>

#include "cli/remote/client.h"

namespace upkeep::cli {

struct Start {
  std::string agent;
  std::string verb;  // run, force, rollback
  nlohmann::json body = nlohmann::json::object();
  bool wait = true;
  Deadline deadline;  // of all of it
};

// Prints what happens and sets the exit status: done when the operation ended as asked, or when there was nothing to do.
void start_and_follow(const Client& client, const Start& start, Context& context);

}  // namespace upkeep::cli
