// SPDX-License-Identifier: Apache-2.0
// run, force, rollback: start an operation and follow it.

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/remote/agents.h"
#include "cli/remote/follow.h"
#include "cli/remote/groups.h"
#include "cli/remote/text.h"

namespace upkeep::cli {
namespace {

struct OperationOptions {
  std::string agent, version, to, wait;
  bool no_wait = false;
  bool allow_downgrade = false, allow_major = false, quarantined = false, no_way_back = false;
};

std::string check_duration(const std::string& given) {
  return parse_duration(given) ? "" : "'" + given + "' is no duration such as 90s, 5m or 1h30m";
}

void run(const std::string& verb, const OperationOptions& options, Context& context) {
  const Client client(context.socket);
  Start start{.agent = {}, .verb = verb, .wait = !options.no_wait};
  if (!options.wait.empty())
    start.deadline = std::chrono::steady_clock::now() + parse_duration(options.wait).value_or(std::chrono::seconds(0));
  if (verb == "force") {
    const auto chosen = force_what(client, options.agent, options.version);
    if (!chosen) return report(chosen.error(), context);
    start.agent = chosen->agent;
    if (!chosen->version.empty()) start.body["version"] = chosen->version;
    if (options.allow_downgrade) start.body["allow_downgrade"] = true;
    if (options.allow_major) start.body["allow_major"] = true;
    if (options.quarantined) start.body["quarantined"] = true;
    if (options.no_way_back) start.body["no_way_back"] = true;
  } else {
    const auto agent = the_agent(client, options.agent);
    if (!agent) return report(agent.error(), context);
    start.agent = *agent;
    if (!options.to.empty()) start.body["to"] = options.to;
  }
  start_and_follow(client, start, context);
}

CLI::App* add(CLI::App& app, Context& context, const char* verb, const char* help, const std::shared_ptr<OperationOptions>& options) {
  CLI::App* command = app.add_subcommand(verb, help)->group(kUpgrade);
  command->add_option("AGENT", options->agent, "the agent; may be left out when there is one")->type_name("");
  auto* wait = command->add_option("--wait", options->wait, "give up following after this time (exit status 3); the operation goes on")
                   ->type_name("DURATION")
                   ->check(CLI::Validator(check_duration, ""));
  command->add_flag("--no-wait", options->no_wait, "return as soon as it has begun")->excludes(wait);
  command->callback([verb, options, &context] { run(verb, *options, context); });
  return command;
}

}  // namespace

void add_operation_commands(CLI::App& app, Context& context) {
  add(app, context, "run", "Upgrade now if the rules say so, and follow it; else say why not", std::make_shared<OperationOptions>())
      ->footer("Examples:\n  upkeep run\n  upkeep run teleport --wait 10m");

  auto options = std::make_shared<OperationOptions>();
  CLI::App* force = add(app, context, "force", "Upgrade now, also outside windows and while suspended or held", options);
  force->add_option("VERSION", options->version, "the target, as `upkeep status` shows it: a guard against surprises")->type_name("");
  force->add_flag("--allow-downgrade", options->allow_downgrade, "also to a lower version");
  force->add_flag("--allow-major", options->allow_major, "also over more majors than policy lets");
  force->add_flag("--quarantined", options->quarantined, "also to a version that failed here");
  force->add_flag("--no-way-back", options->no_way_back, "also when going back would be impossible");
  force->footer("Examples:\n  upkeep force\n  upkeep force teleport 2.3.4\n  upkeep force --quarantined --no-wait");

  options = std::make_shared<OperationOptions>();
  CLI::App* rollback = add(app, context, "rollback", "Go back to the former version; the one that is left is quarantined", options);
  rollback->add_option("--to", options->to, "to this version instead")->type_name("VERSION");
  rollback->footer("Examples:\n  upkeep rollback\n  upkeep rollback teleport --to 1.2.3");
}

}  // namespace upkeep::cli
