// SPDX-License-Identifier: Apache-2.0
// The daemon: wires the rooms together and runs. Crash-only: whatever ends it, the journal is right, and the next start
// goes on from there. Exit status 78: upkeep.toml is wrong, starting again will not help.
// read_settings → Io, Host → Registry → Engine (engine/supervisor.h: one agent) → ControlServer (the API) → run_until_told.

#include <malloc.h>

#include <asio/experimental/awaitable_operators.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <optional>

#include "config/load.h"
#include "control/server.h"
#include "engine/engine.h"
#include "engine/spawn.h"
#include "io/core_dumps.h"
#include "io/folder_lock.h"
#include "io/host.h"
#include "io/notify.h"
#include "io/package_family.h"

namespace {

using namespace upkeep;  // NOLINT(google-build-using-namespace): the one place that knows all rooms
using namespace asio::experimental::awaitable_operators;

constexpr int kBadConfiguration = 78;  // EX_CONFIG
constexpr sdk::TimePoint kBuildDate{std::chrono::seconds(UPKEEP_BUILD_EPOCH)};

void say(io::Log& log, sdk::LogLevel level, const std::string& text) { log.write("daemon", level, text); }

// nullopt: upkeep.toml has issues, which were said.
std::optional<core::DaemonSettings> read_settings(io::Log& log, sdk::Files& files, const std::string& dir) {
  auto loaded = config::load_daemon(files, dir);
  for (const auto& issue : loaded.daemon_issues) say(log, sdk::LogLevel::error, config::text(issue));
  if (!loaded.daemon_issues.empty()) return std::nullopt;
  log.set({loaded.daemon.log_level, loaded.daemon.log_json});
  return std::move(loaded.daemon);
}

engine::Configuration read_configuration(sdk::Files& files, const std::string& dir, engine::Registry& registry) {
  auto loaded = config::load(files, dir, [&](sdk::PluginKind kind, std::string_view name) { return registry.find(kind, name); });
  return {std::move(loaded.agents), std::move(loaded.broken), std::move(loaded.daemon_issues)};
}

// That we are ready, how we are, and that we live. What led to news is over: the memory that it took goes back to the system.
sdk::Task<void> tell_service_manager(engine::Engine& engine, sdk::Clock& clock) {
  engine::Wake news;
  const auto subscription = engine.subscribe([&news](const nlohmann::json&) { news.notify(); });
  co_await engine.until_ready();
  io::notify_ready();
  io::Watchdog watchdog(clock.boot_now());
  std::string last;
  while (true) {
    if (auto now = engine.summary(); now != last) {
      io::notify_status(now);
      last = std::move(now);
      malloc_trim(0);
    }
    const sdk::Millis pause = watchdog.keep(clock.boot_now()).value_or(std::chrono::hours(1));
    co_await (clock.sleep_for(pause) || news.wait());
  }
}

sdk::Task<void> reload_on_hangup(asio::signal_set& hangups, engine::Engine& engine) {
  while (true) {
    co_await hangups.async_wait(asio::use_awaitable);
    io::notify_reloading();
    engine::Actor actor;
    actor.name = "SIGHUP";
    const auto reply = co_await engine.reload(std::move(actor));
    io::notify_ready();
    if (!reply) std::cerr << reply.error().message << '\n';
  }
}

sdk::Task<void> end(asio::io_context& context, engine::Engine& engine) {
  engine.stopping();
  co_await engine.give_back();
  context.stop();
}

void run_until_told(asio::io_context& context, engine::Engine& engine, sdk::Clock& clock) {
  asio::signal_set stops(context, SIGTERM, SIGINT), hangups(context, SIGHUP);
  stops.async_wait([&](const asio::error_code&, int) { engine::spawn(context.get_executor(), end(context, engine)); });
  engine::spawn(context.get_executor(), tell_service_manager(engine, clock));
  engine::spawn(context.get_executor(), reload_on_hangup(hangups, engine));
  context.run();
}

int run(const std::string& config_dir, const std::string& plugin_override) {
  // Whoever hangs up on OpenSSL, or closes the log, is an error of that write. A unit ignores it as well; a pod has none.
  std::signal(SIGPIPE, SIG_IGN);
  asio::io_context context(1);
  io::Log log({});
  if (const auto forbidden = io::forbid_core_dumps(); !forbidden) say(log, sdk::LogLevel::warn, forbidden.error().message);
  io::RealFiles reader(context.get_executor(), "");
  auto settings = read_settings(log, reader, config_dir);
  if (!settings) return kBadConfiguration;
  if (auto locked = io::lock_folder(settings->state_dir); !locked) {
    say(log, sdk::LogLevel::error, "state folder: " + locked.error().message);
    return EXIT_FAILURE;
  }

  io::Io outside(context.get_executor(), settings->state_dir);
  io::RealHost host(outside, log, "");
  const std::string configured = settings->plugin_dir.empty() ? UPKEEP_PLUGIN_DIR : settings->plugin_dir;
  engine::Registry registry(plugin_override.empty() ? configured : plugin_override, [&] {
    return io::find_package_family(outside.files).map([&](const io::PackageFamily& found) {
      say(log, sdk::LogLevel::info, "installer \"auto\" is " + found.installer + " on this host: " + found.why);
      return found.installer;
    });
  });
  if (const auto added = engine::add_linked_in(registry); !added) {
    say(log, sdk::LogLevel::error, added.error().message);
    return EXIT_FAILURE;
  }
  const auto machine_id = outside.files.read("/etc/machine-id", 64);
  if (!machine_id)
    say(log, sdk::LogLevel::warn, "no machine id, so every host without one has the same place in a spread: " + machine_id.error().message);
  engine::Shared shared{.executor = context.get_executor(),
                        .registry = registry,
                        .host = host,
                        .make_host = [&](std::string agent, engine::ProgressSink sink) -> std::unique_ptr<sdk::Host> {
                          return std::make_unique<io::RealHost>(outside, log, std::move(agent), std::move(sink));
                        },
                        .state = settings->state,
                        .machine_id = machine_id.value_or(""),
                        .build_date = kBuildDate,
                        .rollouts = engine::TransactionLock(static_cast<std::size_t>(settings->workloads_at_once))};
  const auto read = [&] { return read_configuration(outside.files, config_dir, registry); };
  int status = EXIT_SUCCESS;
  engine::Engine engine(shared, read, [&](const std::string& why) {
    say(log, sdk::LogLevel::error, "giving up: " + why);
    status = EXIT_FAILURE;
    context.stop();
  });
  const auto configuration = read();
  for (const auto& [name, issues] : configuration.broken)
    for (const auto& issue : issues) say(log, sdk::LogLevel::error, config::text(issue));

  control::Options options;
  options.socket = settings->socket;
  options.read_group = settings->read_group;
  options.admin_group = settings->admin_group;
  options.listen = settings->listen;
  auto server = std::make_unique<control::ControlServer>(
      context, engine, outside.clock, options, [&](sdk::LogLevel level, std::string_view text) { log.write("control", level, text); });
  if (auto started = server->start(); !started) {  // first: whoever cannot be asked changes nothing either
    say(log, sdk::LogLevel::error, "control socket: " + started.error().message);
    return EXIT_FAILURE;
  }
  engine.start(configuration);
  say(log, sdk::LogLevel::info,
      "upkeepd " UPKEEP_SDK_VERSION " started agents=" + std::to_string(configuration.agents.size()) +
          " broken=" + std::to_string(configuration.broken.size()));

  run_until_told(context, engine, outside.clock);
  io::notify_stopping();
  server.reset();
  say(log, sdk::LogLevel::info, "stopped");
  std::cerr.flush();
  // Not return: coroutines that wait are not unwound. What they did not do is not in the journal, or is resumed from it.
  std::_Exit(status);
}

}  // namespace

int main(int argc, char** argv) {
  std::string config_dir = "/etc/upkeep", plugins;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--config" && i + 1 < argc) {
      config_dir = argv[++i];
    } else if (argument == "--plugins" && i + 1 < argc) {
      plugins = argv[++i];
    } else if (argument == "--version") {
      std::cout << "upkeepd " UPKEEP_SDK_VERSION "\n";
      return EXIT_SUCCESS;
    } else {
      (argument == "--help" ? std::cout : std::cerr) << "usage: upkeepd [--config FOLDER] [--plugins FOLDER] [--version]\n";
      return argument == "--help" ? EXIT_SUCCESS : 2;
    }
  }
  return run(config_dir, plugins);
}
