// SPDX-License-Identifier: Apache-2.0
// check and dry-run, and the commands that change what may happen later: suspend, resume, pin and the like.

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "cli/remote/agents.h"
#include "cli/remote/groups.h"
#include "cli/remote/show.h"

namespace upkeep::cli {
namespace {

using nlohmann::json;

struct ChangingOptions {
  std::string agent, version;
  bool all = false;
  bool allow_downgrade = false;
  std::string reason, duration, until, as;
};

std::string reply_text(const json& reply) { return reply.contains("messages") ? check_text(reply) : printable(text(reply, "text")) + "\n"; }

void run_for_all(const std::string& verb, const json& body, const Client& client, Context& context) {
  const auto names = agent_names(client);
  if (!names) return report(names.error(), context);
  json results = json::array();
  for (const auto& name : *names) {
    const auto reply = client.post(agent_path(name, verb), body);
    if (reply) {
      results.push_back(*reply);
      if (!context.json) std::cout << printable(name) << ": " << reply_text(*reply);
    } else {
      results.push_back({{"agent", name}, {"error", {{"code", reply.error().code}, {"message", reply.error().message}}}});
      context.fail(name + ": " + printable(reply.error().message), reply.error().exit_status);
    }
  }
  if (context.json) context.print_json({{"results", results}});
}

void run(const std::string& verb, const ChangingOptions& options, bool takes_version, Context& context) {
  const Client client(context.socket);
  json body = json::object();
  if (!options.reason.empty()) body["reason"] = options.reason;
  if (!options.duration.empty()) body["for"] = options.duration;
  if (!options.until.empty()) body["until"] = options.until;
  if (!options.as.empty()) body["as"] = options.as;
  if (options.allow_downgrade) body["allow_downgrade"] = true;
  if (options.all) return run_for_all(verb, body, client, context);

  const auto named = [](const std::string& name) { return AgentAndVersion{name, ""}; };
  const auto chosen = takes_version ? version_of(client, options.agent, options.version) : the_agent(client, options.agent).map(named);
  if (!chosen) return report(chosen.error(), context);
  if (takes_version) body["version"] = chosen->version;
  const auto reply = client.post(agent_path(chosen->agent, verb), body);
  if (!reply) return report(reply.error(), context);
  if (context.json) return context.print_json(*reply);
  std::cout << reply_text(*reply);
}

struct Command {
  CLI::App* app;
  std::shared_ptr<ChangingOptions> options;
};

Command add(CLI::App& app, Context& context, const char* verb, const char* help, const char* group, bool takes_version = false) {
  auto options = std::make_shared<ChangingOptions>();
  CLI::App* command = app.add_subcommand(verb, help)->group(group);
  command->add_option("AGENT", options->agent, "the agent; may be left out when there is one")->type_name("");
  if (takes_version) command->add_option("VERSION", options->version, "release version")->type_name("");
  command->callback([verb, takes_version, options, &context] { run(verb, *options, takes_version, context); });
  return {command, options};
}

void let_all(const Command& command) {
  command.app->add_flag("--all", command.options->all, "all agents")->excludes(command.app->get_option("AGENT"));
}

void reload(Context& context) {
  const auto reply = Client(context.socket).post("/v1/reload", json::object());
  if (!reply) return report(reply.error(), context);
  if (context.json) context.print_json(*reply);
  if (member(*reply, "ok") == true) {
    if (!context.json) std::cout << "the new configuration is in force\n";
    return;
  }
  for (const auto& error : member(*reply, "errors")) {
    const json number = member(error, "line");
    std::cerr << printable(text(error, "file")) << (number.is_number() ? ":" + number.dump() : "") << ": "
              << printable(text(error, "message")) << "\n";
  }
  context.fail("the configuration has errors; the old one stays in force");
}

}  // namespace

void add_changing_commands(CLI::App& app, Context& context) {
  const Command check = add(app, context, "check", "Read the channel now, decide, and show it; changes nothing", kLook);
  let_all(check);
  check.app->footer("Examples:\n  upkeep check\n  upkeep check --all");
  add(app, context, "dry-run", "Check, and show what exactly an upgrade would change", kLook)
      .app->footer("Examples:\n  upkeep dry-run\n  upkeep dry-run teleport --json");

  const Command suspend = add(app, context, "suspend", "Start no new operations; a running one goes on", kSteer);
  let_all(suspend);
  suspend.app->add_option("--reason", suspend.options->reason, "why, for whoever looks at the status")->type_name("TEXT")->required();
  auto* duration = suspend.app->add_option("--for", suspend.options->duration, "this long: 90m, 2h, 7d")->type_name("DURATION");
  suspend.app->add_option("--until", suspend.options->until, "until then: 2027-01-05T02:00:00Z")->type_name("TIME")->excludes(duration);
  suspend.app->footer(
      "Examples:\n  upkeep suspend --reason 'database migration' --for 2h\n  upkeep suspend --all --reason freeze --until "
      "2027-01-05T00:00:00Z");
  const Command resume = add(app, context, "resume", "End a suspension", kSteer);
  let_all(resume);
  resume.app->footer("Examples:\n  upkeep resume\n  upkeep resume --all");

  const Command pin = add(app, context, "pin", "Stay at, or go to, exactly this version, whatever the channel says", kSteer, true);
  pin.app->add_flag("--allow-downgrade", pin.options->allow_downgrade, "also when it is lower than the installed one");
  pin.app->footer("Examples:\n  upkeep pin 2.3.4\n  upkeep pin teleport 2.3.4");
  add(app, context, "unpin", "Follow the channel again", kSteer).app->footer("Examples:\n  upkeep unpin\n  upkeep unpin teleport");
  add(app, context, "unquarantine", "Let a version that failed here, or that others keep undoing, be tried again", kSteer, true)
      .app->footer("Examples:\n  upkeep unquarantine 2.3.4\n  upkeep unquarantine teleport 2.3.4");
  const Command resolve = add(app, context, "resolve", "After a look by hand: leave a stuck operation or a damaged journal behind", kSteer);
  resolve.app
      ->add_option("--as", resolve.options->as, "what the agent is now: installed (the new version) or failed (put back, quarantined)")
      ->required()
      ->check(CLI::IsMember({"installed", "failed"}));
  resolve.app->footer("Examples:\n  upkeep resolve --as installed\n  upkeep resolve teleport --as failed");
  add(app, context, "forget", "Drop what is stored of an agent that is no longer configured", kSteer)
      .app->footer("Examples:\n  upkeep forget teleport");
  CLI::App* again = app.add_subcommand("reload", "Let the daemon read its configuration again; a bad one changes nothing");
  again->group(kSetUp)->footer("Examples:\n  sudo upkeep reload");
  again->callback([&context] { reload(context); });
}

}  // namespace upkeep::cli
