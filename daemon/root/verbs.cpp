// SPDX-License-Identifier: Apache-2.0
#include "root/verbs.h"

#include <filesystem>

#include "config/names.h"
#include "io/durable.h"
#include "root/grant.h"
#include "sdk/text.h"

namespace upkeep::root {
namespace {

using sdk::Errc;
using sdk::Result;

std::string rule_path(const std::string& agent) { return "/etc/polkit-1/rules.d/50-upkeep-" + agent + ".rules"; }
std::string hold_path(const std::string& agent) { return "/var/lib/upkeep-root/holds/" + agent; }
std::string enabled_path(const std::string& agent) { return "/var/lib/upkeep-root/enabled/" + agent; }

// An exit status other than 0 is an error with the program's own words.
Result<std::string> run(Outside& outside, std::vector<std::string> argv) {
  const std::string what = argv[0] + " " + argv[1];
  const auto result = outside.run(std::move(argv));
  if (!result) return sdk::fail(what, result.error());
  if (result->exit_code != 0) return sdk::fail(Errc::transient, what + " failed: " + std::string(sdk::trimmed(result->err)));
  return result->out;
}

// Rules in JavaScript came with 0.106; later versions dropped the "0.".
Result<void> polkit_reads_rules(Outside& outside) {
  const auto text = run(outside, {"/usr/bin/pkaction", "--version"});
  if (!text) return sdk::fail("polkit 0.106 or later is needed", text.error());
  const std::string_view version = sdk::trimmed(*text).substr(sdk::trimmed(*text).rfind(' ') + 1);
  if (sdk::parse_number(version.starts_with("0.") ? version.substr(2) : version).value_or(0) >= 106) return {};
  return sdk::fail(Errc::unsupported, "polkit 0.106 or later is needed to read rules; this host has " + sdk::quoted(version));
}

// Readable by all: the daemon and polkitd read them without root.
Result<void> write(Outside& outside, const std::string& path, const std::string& text) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(outside.base + path).parent_path(), error);
  if (error) return sdk::fail(io::errno_error("cannot make the folder of " + path, error.value()));
  if (auto written = io::write_atomic(outside.base + path, text, 0644); !written) return written;
  outside.out << "wrote " << path << "\n";
  return {};
}

Result<void> remove(Outside& outside, const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::symlink_status(outside.base + path, ignored).type() == std::filesystem::file_type::not_found) return {};
  if (auto removed = io::remove_durable(outside.base + path); !removed) return removed;
  outside.out << "removed " << path << "\n";
  return {};
}

// The package whose hold is Upkeep's own; empty when nothing is recorded.
Result<std::string> recorded(Outside& outside, const std::string& agent) {
  if (!outside.files.exists(hold_path(agent))) return {};
  const auto text = outside.files.read(hold_path(agent), 4096);
  if (!text) return text;
  const std::string_view package = sdk::trimmed(*text);
  if (config::is_package_name(package)) return std::string(package);
  return sdk::fail(Errc::invalid, hold_path(agent) + ": " + sdk::quoted(package) + " is no name of a package");
}

// Of a package that is gone there is no hold.
bool is_held(Outside& outside, const std::string& package) {
  const auto want = run(outside, {"/usr/bin/dpkg-query", "-W", "-f", "${db:Status-Want}\n", package});
  return want && ("\n" + *want).find("\nhold\n") != std::string::npos;
}

// "hold" or "unhold", unless it is so already. No package: nothing to do.
Result<void> mark(Outside& outside, const std::string& how, const std::string& package) {
  if (package.empty() || is_held(outside, package) == (how == "hold")) return {};
  if (const auto done = run(outside, {"/usr/bin/apt-mark", how, package}); !done) return sdk::fail(done.error());
  outside.out << how << " " << package << "\n";
  return {};
}

Result<void> release(Outside& outside, const std::string& agent) {
  return recorded(outside, agent).and_then([&](const std::string& package) { return mark(outside, "unhold", package); }).and_then([&] {
    return remove(outside, hold_path(agent));
  });
}

Result<void> take_hold(Outside& outside, const Grant& grant) {
  const auto before = recorded(outside, grant.agent);
  if (!before) return sdk::fail(before.error());
  if (*before != grant.package) {
    if (auto released = release(outside, grant.agent); !released) return released;
    if (is_held(outside, grant.package))
      return sdk::fail(Errc::denied, grant.package + " is held already, by somebody else: `apt-mark unhold " + grant.package +
                                         "` if that is over, or enable with --no-hold to leave holds alone");
    if (auto written = write(outside, hold_path(grant.agent), grant.package + "\n"); !written) return written;
  }
  auto held = mark(outside, "hold", grant.package);
  if (!held) static_cast<void>(remove(outside, hold_path(grant.agent)));
  return held;
}

}  // namespace

Result<void> enable(Outside& outside, const std::string& agent, EnableOptions options) {
  const auto grant = read_grant(outside.files, agent);
  if (!grant) return sdk::fail(grant.error());
  if (auto good = polkit_reads_rules(outside); !good) return good;
  outside.out << (options.dry_run ? "would write " : "writes ") << rule_path(agent) << ":\n\n" << rule_text(*grant) << "\n";
  if (options.hold)
    outside.out << (options.dry_run ? "would hold " : "holds ") << grant->package << " (apt-mark hold), recorded in " << hold_path(agent)
                << ".\nAn `apt-mark hold` of yours on it cannot be told from that one; to stop upgrades use `upkeep suspend " << agent
                << "`.\n";
  if (options.dry_run) return {};
  return (options.hold ? take_hold(outside, *grant) : release(outside, agent))
      .and_then([&] { return write(outside, rule_path(agent), rule_text(*grant)); })
      .and_then([&] { return write(outside, enabled_path(agent), record_text(*grant, options.hold)); });
}

Result<void> disable(Outside& outside, const std::string& agent) {
  return remove(outside, rule_path(agent)).and_then([&] { return remove(outside, enabled_path(agent)); }).and_then([&] {
    return release(outside, agent);
  });
}

Result<void> hold(Outside& outside, const std::string& agent) {
  return recorded(outside, agent).and_then([&](const std::string& package) { return mark(outside, "hold", package); });
}

Result<void> may_repair(Outside& outside, const std::string& agent) {
  return outside.files.read(enabled_path(agent), 4096).map([](const std::string&) {}).map_error([](const sdk::Error& error) {
    return error.with_context("the agent is not enabled");
  });
}

}  // namespace upkeep::root
