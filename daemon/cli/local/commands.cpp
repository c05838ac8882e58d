// SPDX-License-Identifier: Apache-2.0
#include "cli/local/commands.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/local/channel_commands.h"
#include "cli/local/keys.h"

namespace upkeep::cli {
namespace {

void add_explain(CLI::App& app, Context& context) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App* command = app.add_subcommand("explain", "What would be decided, and why; without a daemon or a network")->group(kSetUp);
  command->add_option("--config", options->config, "the agent's file")->type_name("FILE")->required();
  command->add_option("--installed", options->installed, "package version that is installed; none: not installed")
      ->type_name("VERSION")
      ->required();
  CLI::Option* version =
      command->add_option("--version", options->version, "what the channel says; none: no release")->type_name("VERSION");
  CLI::Option* document =
      command->add_option("--document", options->document, "what a signed channel says: its release.json, whoever has signed it")
          ->type_name("FILE");
  version->excludes(document);
  command->add_flag("--critical", options->critical, "the release is critical")->needs(version);
  command->add_option("--share", options->share, "the host's place in the release's rollout, from 0 (first, the default) to 100")
      ->type_name("PERCENT")
      ->check(CLI::Range(0.0, 100.0))
      ->needs(document);
  command->add_flag("--unhealthy", options->unhealthy, "the agent is unhealthy");
  command->add_option("--at", options->at, "at that time instead of now: 2027-01-05T02:00:00Z")->type_name("TIME");
  command->footer(
      "Examples:\n  upkeep explain --config /etc/upkeep/agents.d/teleport.toml --installed 1.2.3 --version 2.3.4\n"
      "  upkeep explain --config teleport.toml --installed 1.2.3 --version 2.3.4 --at 2027-01-05T02:30:00Z\n"
      "  upkeep explain --config teleport.toml --installed 1.2.3 --document stable/release.json --share 42");
  // No group of options with one to choose: help, manual and completion know none.
  command->callback([options, version, document, &context] {
    if (version->empty() && document->empty()) throw CLI::RequiredError("--version or --document");
    explain(*options, context);
  });
}

void add_store(CLI::App& app, Context& context) {
  auto agent = std::make_shared<std::string>();
  CLI::App* store = app.add_subcommand("store", "Package stores, for going back without the repository")->group(kLook);
  store->require_subcommand(1);
  CLI::App* show = store->add_subcommand("show", "What is kept, since when, and whether it is still whole; without a daemon");
  show->add_option("AGENT", *agent, "the agent; left out: all")->type_name("");
  const char* examples = "Examples:\n  upkeep store show\n  upkeep store show teleport --json";
  store->footer(examples);
  show->footer(examples);
  show->callback([agent, &context] { show_store(*agent, context); });
}

void add_config(CLI::App& app, Context& context) {
  auto path = std::make_shared<std::string>();
  CLI::App* config = app.add_subcommand("config", "Check the configuration; list its keys")->group(kSetUp);
  config->require_subcommand(1);
  CLI::App* check = config->add_subcommand("check", "What is wrong with the configuration, with file and line");
  check->add_option("PATH", *path, "a folder like /etc/upkeep, or one agent's file")->type_name("");
  check->footer("Examples:\n  upkeep config check\n  upkeep config check ./teleport.toml");
  check->callback([path, &context] { check_config(*path, context); });
  CLI::App* keys = config->add_subcommand("keys", "Every key there is, with its default and what it means; those of all plugins, too");
  keys->footer("Examples:\n  upkeep config keys | less\n  upkeep config keys --json");
  keys->callback([&context] { show_keys(context); });
  config->footer("Examples:\n  upkeep config check\n  upkeep config keys");
}

void add_enable(CLI::App& app, Context& context) {
  struct Options {
    std::string agent;
    bool no_hold = false, no_store = false, dry_run = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* enable = app.add_subcommand("enable", "Grant the daemon what it needs for an agent, and show it (as root)")->group(kSetUp);
  enable->add_option("AGENT", options->agent, "the agent")->type_name("")->required();
  enable->add_flag("--no-hold", options->no_hold, "do not hold the package back from other updaters");
  enable->add_flag("--no-store", options->no_store, "do not keep copies of what is installed, for going back without the repository");
  enable->add_flag("--dry-run", options->dry_run, "only show");
  enable->footer("Examples:\n  sudo upkeep enable teleport --dry-run\n  sudo upkeep enable teleport");
  enable->callback([options, &context] {
    std::vector<std::string> arguments{"enable", options->agent};
    if (options->no_hold) arguments.emplace_back("--no-hold");
    if (options->no_store) arguments.emplace_back("--no-store");
    if (options->dry_run) arguments.emplace_back("--dry-run");
    run_root_helper(arguments, context);
  });
  CLI::App* disable = app.add_subcommand("disable", "Take away what enable granted (as root)")->group(kSetUp);
  disable->add_option("AGENT", options->agent, "the agent")->type_name("")->required();
  disable->footer("Examples:\n  sudo upkeep disable teleport");
  disable->callback([options, &context] { run_root_helper({"disable", options->agent}, context); });
}

}  // namespace

void add_local_commands(CLI::App& app, Context& context) {
  add_explain(app, context);
  add_channel_commands(app, context);
  add_store(app, context);
  add_config(app, context);
  add_enable(app, context);
}

}  // namespace upkeep::cli
