// SPDX-License-Identifier: Apache-2.0
#include "cli/remote/agents.h"

#include <algorithm>

#include "cli/remote/text.h"

namespace upkeep::cli {

Outcome<std::vector<std::string>> agent_names(const Client& client) {
  const auto document = client.get("/v1/agents");
  if (!document) return tl::unexpected(document.error());
  std::vector<std::string> names;
  for (const auto& agent : member(*document, "agents")) names.push_back(text(agent, "name"));
  return names;
}

Outcome<std::string> the_agent(const Client& client, const std::string& given) {
  if (!given.empty()) return given;
  const auto names = agent_names(client);
  if (!names) return tl::unexpected(names.error());
  if (names->size() == 1) return names->front();
  if (names->empty()) return tl::unexpected(Failure{kFailed, "not_found", "no agents are configured (/etc/upkeep/agents.d)"});
  std::string list;
  for (const auto& name : *names) list += (list.empty() ? "" : ", ") + name;
  return tl::unexpected(Failure{kUsage, "invalid", "there are several agents, name one: " + list});
}

Outcome<AgentAndVersion> version_of(const Client& client, const std::string& first, const std::string& second) {
  if (first.empty()) return tl::unexpected(Failure{kUsage, "invalid", "a VERSION is wanted"});
  if (!second.empty()) return AgentAndVersion{first, second};
  const auto agent = the_agent(client, "");
  if (!agent) return tl::unexpected(agent.error());
  return AgentAndVersion{*agent, first};
}

Outcome<AgentAndVersion> force_what(const Client& client, const std::string& first, const std::string& second) {
  if (!second.empty()) return AgentAndVersion{first, second};
  const auto names = agent_names(client);
  if (!names) return tl::unexpected(names.error());
  if (std::find(names->begin(), names->end(), first) != names->end()) return AgentAndVersion{first, ""};
  const auto agent = the_agent(client, "");
  if (!agent) return tl::unexpected(agent.error());
  return AgentAndVersion{*agent, first};
}

std::string agent_path(const std::string& agent, const std::string& what) {
  return "/v1/agents/" + url_escaped(agent) + (what.empty() ? "" : "/" + what);
}

}  // namespace upkeep::cli
