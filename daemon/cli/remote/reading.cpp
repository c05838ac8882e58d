// SPDX-License-Identifier: Apache-2.0
// status, history, events, version: what reading permission is enough for.

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "cli/remote/agents.h"
#include "cli/remote/groups.h"
#include "cli/remote/show.h"

namespace upkeep::cli {
namespace {

using nlohmann::json;

void show_status(const std::string& agent, Context& context) {
  const auto document = Client(context.socket).get(agent.empty() ? "/v1/agents" : agent_path(agent));
  if (!document) return report(document.error(), context);
  if (context.json) return context.print_json(*document);
  std::cout << status_text(*document, Style(), Clock::now());
}

void show_history(const std::string& agent, Context& context) {
  const auto document = Client(context.socket).get(agent.empty() ? "/v1/history" : agent_path(agent, "history"));
  if (!document) return report(document.error(), context);
  if (context.json) return context.print_json(*document);
  std::cout << history_text(*document, Style(), Clock::now());
}

void show_operation(const std::string& agent, const std::string& operation, Context& context) {
  const Client client(context.socket);
  const auto name = the_agent(client, agent);
  if (!name) return report(name.error(), context);
  const auto document = client.get(agent_path(*name, "history") + "?operation=" + url_escaped(operation));
  if (!document) return report(document.error(), context);
  if (context.json) return context.print_json(*document);
  std::cout << operation_text(member(*document, "operations"), Style(), Clock::now());
}

void show_events(const std::string& agent, Context& context) {
  std::optional<Failure> dropped;
  const auto line = [&](const json& event) {
    if (const json error = member(event, "error"); error.is_object()) {
      dropped = Failure{kFailed, text(error, "code"), text(error, "message")};
      return false;
    }
    if (!agent.empty() && text(event, "agent") != agent) return true;
    std::cout << (context.json ? json_text(event, -1) : event_text(event)) << '\n' << std::flush;
    return true;
  };
  const auto watched = Client(context.socket).stream("/v1/events", {[] { return true; }, line});
  if (dropped) return report(*dropped, context);
  if (!watched) report(watched.error(), context);
}

void show_version(Context& context) {
  if (!context.json) std::cout << "upkeep " UPKEEP_SDK_VERSION "\n";
  const auto document = Client(context.socket).get("/v1/version");
  if (!document) return report(document.error(), context);
  if (context.json) {
    json both = *document;
    both["client"] = UPKEEP_SDK_VERSION;
    return context.print_json(both);
  }
  std::cout << "upkeepd " << printable(text(*document, "version")) << "\n";
  for (const auto& plugin : member(*document, "plugins")) {
    std::cout << "  " << printable(text(plugin, "kind")) << " " << printable(text(plugin, "name")) << " "
              << printable(text(plugin, "version")) << "  " << printable(text(plugin, "summary")) << "\n";
  }
}

using Show = void (*)(const std::string& agent, Context& context);

CLI::App* add_agent_command(CLI::App& app, Context& context, const char* name, const char* help, Show show) {
  auto agent = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(name, help)->group(kLook);
  command->add_option("AGENT", *agent, "only this agent; all without it")->type_name("");
  command->callback([agent, show, &context] { show(*agent, context); });
  return command;
}

}  // namespace

void add_reading_commands(CLI::App& app, Context& context) {
  add_agent_command(app, context, "status", "Version now, version offered, what happens next and when, or why not", &show_status)
      ->footer("Examples:\n  upkeep status\n  upkeep status teleport --json");
  auto agent = std::make_shared<std::string>(), operation = std::make_shared<std::string>();
  CLI::App* history =
      app.add_subcommand("history", "Operations that were, newest first; with --operation all that is known of one")->group(kLook);
  history->add_option("AGENT", *agent, "only this agent; all without it")->type_name("");
  history->add_option("--operation", *operation, "its id, or the beginning of it")->type_name("ID");
  history->footer("Examples:\n  upkeep history\n  upkeep history teleport --json\n  upkeep history teleport --operation 20270105T0200");
  history->callback([agent, operation, history, &context] {
    if (history->count("--operation") > 0) return show_operation(*agent, *operation, context);
    show_history(*agent, context);
  });
  add_agent_command(app, context, "events", "What happens, as it happens, one line each; until interrupted", &show_events)
      ->footer("Examples:\n  upkeep events\n  upkeep events --json | jq --unbuffered 'select(.event == \"operation_ended\")'");
  CLI::App* version = app.add_subcommand("version", "Versions of this program, the daemon and its plugins")->group(kLook);
  version->footer("Examples:\n  upkeep version\n  upkeep version --json");
  version->callback([&context] { show_version(context); });
}

}  // namespace upkeep::cli
