// SPDX-License-Identifier: Apache-2.0
// upkeep, the command line: what all commands share, the remote and the local ones, and `schedule show`, which is both.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>

#include "cli/context.h"
#include "cli/help.h"
#include "cli/local/commands.h"
#include "cli/local/manual.h"
#include "cli/local/usage.h"
#include "cli/remote/commands.h"
#include "cli/remote/complete.h"
#include "cli/windows.h"

namespace {

using namespace upkeep;  // NOLINT(google-build-using-namespace): wiring

struct ScheduleShow : cli::ScheduleOptions {
  std::string agent;
};

void show(const ScheduleShow& options, cli::Context& context) {
  if (!options.config.empty()) return cli::show_schedule(options, context);
  if (const auto document = cli::ask_schedule(options.agent, options.from, options.until, context))
    cli::show_windows(*document, options, context);
}

void add_schedule(CLI::App& app, cli::Context& context) {
  auto options = std::make_shared<ScheduleShow>();
  const char* examples =
      "Examples:\n  upkeep schedule show\n  upkeep schedule show teleport --until 2027-03-01T00:00:00Z\n"
      "  upkeep schedule show --config /etc/upkeep/agents.d/teleport.toml --json";
  CLI::App* schedule = app.add_subcommand("schedule", "When upgrades may start")->group(cli::kLook);
  schedule->require_subcommand(1);
  schedule->footer(examples);
  CLI::App* command =
      schedule->add_subcommand("show", "The times in which all schedules of an agent are open; on a terminal, as a calendar");
  auto* agent = command->add_option("AGENT", options->agent, "the agent; may be left out when there is one")->type_name("");
  command->add_option("--config", options->config, "of this agent's file, without a daemon")->type_name("FILE")->excludes(agent);
  command->add_option("--from", options->from, "from then on: 2027-01-05T02:00:00Z; otherwise from now")->type_name("TIME");
  command->add_option("--until", options->until, "until then; otherwise for 14 days")->type_name("TIME");
  command->footer(examples);
  command->callback([options, &context] { show(*options, context); });
}

void add_all(CLI::App& app, cli::Context& context) {
  app.footer(
      "Examples:\n"
      "  upkeep status          what is, what comes next, and when or why not\n"
      "  upkeep dry-run         what an upgrade would change now\n"
      "  upkeep suspend --reason freeze --for 2d\n"
      "  upkeep config check    before the daemon reads it\n\n"
      "Exit status: 0 done, 1 failed or refused, 2 wrong usage, 3 gave up waiting,\n4 no daemon answers.");
  app.formatter(std::make_shared<cli::Help>());
  app.fallthrough();  // options of all commands may also stand behind the command
  app.require_subcommand(1);
  app.set_help_flag("-h,--help", "Show this help");
  app.set_version_flag("--version", "upkeep " UPKEEP_SDK_VERSION, "Show the version of this program");
  app.add_flag("--json", context.json, "one JSON document on standard output; all else on standard error");
  app.add_option("--socket", context.socket, "the daemon's socket; also $UPKEEP_SOCKET")
      ->type_name("FILE")
      ->envname("UPKEEP_SOCKET")
      ->default_str(context.socket);
  cli::add_remote_commands(app, context);
  add_schedule(app, context);
  cli::add_local_commands(app, context);
}

// Commands for the shells' scripts and for the build, in no help: they read the tree and are none of it.
bool answer_machinery(const CLI::App& app, const std::vector<std::string>& words, cli::Context& context) {
  if (words.size() > 1 && words[0] == "complete-words" && words[1] == "--") {
    if (const char* socket = std::getenv("UPKEEP_SOCKET")) context.socket = socket;
    std::cout << cli::complete(app, {words.begin() + 2, words.end()}, context);
    return true;
  }
  if (words.size() == 1 && words[0] == "fill-manual") {
    cli::fill_manual(app, std::cin, std::cout, context);
    return true;
  }
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  cli::Context context;
  CLI::App app("Keeps agents at the version that their channel publishes. Most commands ask the daemon, upkeepd.", "upkeep");
  add_all(app, context);
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  try {
    if (answer_machinery(app, words, context)) return context.exit_status;
    app.parse(argc, argv);
  } catch (const CLI::Success& e) {  // --help, --version
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    cli::report_usage(app, words, e, context);
  } catch (const std::exception& e) {
    context.fail(std::string("internal error: ") + e.what());
  }
  return context.exit_status;
}
