// SPDX-License-Identifier: Apache-2.0
// upkeep, the command line: what all commands share, the remote and the local ones, and `schedule show`, which is both.

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <memory>

#include "cli/context.h"
#include "cli/local/commands.h"
#include "cli/remote/commands.h"

namespace {

using namespace upkeep;  // NOLINT(google-build-using-namespace): wiring

struct ScheduleShow : cli::ScheduleOptions {
  std::string agent;
};

void show(const ScheduleShow& options, cli::Context& context) {
  if (!options.config.empty()) return cli::show_schedule(options, context);
  const auto document = cli::ask_schedule(options.agent, options.from, options.until, context);
  if (!document) return;
  if (context.json) return context.print_json(*document);
  std::cout << cli::schedule_text(*document);
}

void add_schedule(CLI::App& app, cli::Context& context) {
  auto options = std::make_shared<ScheduleShow>();
  CLI::App* schedule = app.add_subcommand("schedule", "When upgrades may start");
  schedule->require_subcommand(1);
  CLI::App* command = schedule->add_subcommand("show", "The times in which all schedules of an agent are open");
  auto* agent = command->add_option("AGENT", options->agent, "the agent; may be left out when there is one")->type_name("");
  command->add_option("--config", options->config, "of this agent's file, without a daemon")->type_name("FILE")->excludes(agent);
  command->add_option("--from", options->from, "from then on (RFC 3339), otherwise from now")->type_name("TIME");
  command->add_option("--until", options->until, "until then, otherwise for 14 days")->type_name("TIME");
  command->footer(
      "Examples:\n  upkeep schedule show\n  upkeep schedule show --config /etc/upkeep/agents.d/teleport.toml --until 2027-03-01T00:00:00Z");
  command->callback([options, &context] { show(*options, context); });
}

}  // namespace

int main(int argc, char** argv) {
  cli::Context context;
  CLI::App app("Keeps agents at the version that their channel publishes. Most commands ask the daemon, upkeepd.", "upkeep");
  app.footer(
      "Examples:\n"
      "  upkeep status                         what is, what comes next, and when or why not\n"
      "  upkeep dry-run                        what an upgrade would change now\n"
      "  upkeep suspend --reason freeze --for 2d\n"
      "  upkeep config check                   before the daemon reads it\n\n"
      "Exit status: 0 done, 1 failed or refused, 2 wrong usage, 3 gave up waiting, 4 no daemon answers.");
  app.fallthrough();  // options of all commands may also stand behind the command
  app.require_subcommand(1);
  app.set_version_flag("--version", "upkeep " UPKEEP_SDK_VERSION);
  app.add_flag("--json", context.json, "one JSON document on standard output; all else on standard error");
  app.add_option("--socket", context.socket, "the daemon's socket")->envname("UPKEEP_SOCKET")->capture_default_str();
  cli::add_remote_commands(app, context);
  add_schedule(app, context);
  cli::add_local_commands(app, context);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? cli::kDone : cli::kUsage;
  } catch (const std::exception& e) {
    context.fail(std::string("internal error: ") + e.what());
  }
  return context.exit_status;
}
