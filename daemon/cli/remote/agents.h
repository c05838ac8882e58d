// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which agent a command is about: the one that is named, or the only one there is.

#include <string>
#include <vector>

#include "cli/remote/client.h"

namespace upkeep::cli {

[[nodiscard]] Outcome<std::vector<std::string>> agent_names(const Client& client);
[[nodiscard]] Outcome<std::string> the_agent(const Client& client, const std::string& given);

// [AGENT] VERSION and [AGENT] [VERSION] as they were given: a single word stands in `first`.
struct AgentAndVersion {
  std::string agent, version;
};
// A single word is the version.
[[nodiscard]] Outcome<AgentAndVersion> version_of(const Client& client, const std::string& first, const std::string& second);
// A single word is the agent when there is one of that name, else the version.
[[nodiscard]] Outcome<AgentAndVersion> force_what(const Client& client, const std::string& first, const std::string& second);

// "/v1/agents/NAME" and what follows.
[[nodiscard]] std::string agent_path(const std::string& agent, const std::string& what = "");

}  // namespace upkeep::cli
