// SPDX-License-Identifier: Apache-2.0
#include "cli/remote/commands.h"

#include "cli/remote/agents.h"
#include "cli/remote/groups.h"

namespace upkeep::cli {

void add_remote_commands(CLI::App& app, Context& context) {
  add_reading_commands(app, context);
  add_operation_commands(app, context);
  add_changing_commands(app, context);
}

std::optional<nlohmann::json> ask_schedule(const std::string& agent, const std::string& from, const std::string& until, Context& context) {
  const Client client(context.socket);
  const auto name = the_agent(client, agent);
  if (!name) return report(name.error(), context), std::nullopt;
  std::string query;
  if (!from.empty()) query += "?from=" + url_escaped(from);
  if (!until.empty()) query += (query.empty() ? "?until=" : "&until=") + url_escaped(until);
  auto document = client.get(agent_path(*name, "schedule") + query);
  if (!document) return report(document.error(), context), std::nullopt;
  return std::move(*document);
}

}  // namespace upkeep::cli
