// SPDX-License-Identifier: Apache-2.0
#include "root/verbs.h"

#include <sys/stat.h>

#include <cerrno>

#include "config/names.h"
#include "io/durable.h"
#include "root/grant.h"
#include "sdk/text.h"

namespace upkeep::root {
namespace {

using sdk::Errc;
using sdk::Result;

constexpr const char* kOwn = "/var/lib/upkeep-root";

std::string rule_path(const std::string& agent) { return "/etc/polkit-1/rules.d/50-upkeep-" + agent + ".rules"; }
std::string hold_path(const std::string& agent) { return std::string(kOwn) + "/holds/" + agent; }
std::string enabled_path(const std::string& agent) { return std::string(kOwn) + "/enabled/" + agent; }

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
  std::string_view version = sdk::trimmed(*text);
  version.remove_prefix(version.rfind(' ') + 1);
  const bool old_style = version.starts_with("0.");
  if (sdk::parse_number(old_style ? version.substr(2) : version).value_or(0) >= 106) return {};
  return sdk::fail(Errc::unsupported,
                   "polkit 0.106 or later is needed, because older ones read no rules; this host has " + sdk::quoted(version));
}

Result<void> write(Outside& outside, const std::string& path, const std::string& text) {
  // Readable by all: the daemon and polkitd read them without root.
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1))
    if (::mkdir((outside.base + path.substr(0, slash)).c_str(), 0755) != 0 && errno != EEXIST)
      return sdk::fail(io::errno_error("cannot make " + path.substr(0, slash), errno));
  if (const auto written = io::write_atomic(outside.base + path, text, 0644); !written) return written;
  outside.out << "wrote " << path << "\n";
  return {};
}

Result<void> remove(Outside& outside, const std::string& path) {
  struct stat ignored {};
  if (::lstat((outside.base + path).c_str(), &ignored) != 0 && errno == ENOENT) return {};
  if (const auto removed = io::remove_durable(outside.base + path); !removed) return removed;
  outside.out << "removed " << path << "\n";
  return {};
}

// The package whose hold is Upkeep's own; empty when nothing is recorded.
Result<std::string> recorded(Outside& outside, const std::string& agent) {
  if (!outside.files.exists(hold_path(agent))) return {};
  auto text = outside.files.read(hold_path(agent), 4096);
  if (!text) return text;
  const std::string package(sdk::trimmed(*text));
  if (!config::is_package_name(package))
    return sdk::fail(Errc::invalid, hold_path(agent) + ": " + sdk::quoted(package) + " is no name of a package");
  return package;
}

bool is_held(Outside& outside, const std::string& package) {
  const auto want = run(outside, {"/usr/bin/dpkg-query", "-W", "-f", "${db:Status-Want}\n", package});
  return want && ("\n" + *want).find("\nhold\n") != std::string::npos;
}

// Of a package that is gone there is no hold to release.
Result<void> release(Outside& outside, const std::string& agent) {
  const auto package = recorded(outside, agent);
  if (!package) return sdk::fail(package.error());
  if (!package->empty() && is_held(outside, *package)) {
    if (const auto done = run(outside, {"/usr/bin/apt-mark", "unhold", *package}); !done) return sdk::fail(done.error());
    outside.out << "released the hold on " << *package << "\n";
  }
  return remove(outside, hold_path(agent));
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
  auto held = hold(outside, grant.agent);
  if (!held) static_cast<void>(remove(outside, hold_path(grant.agent)));
  return held;
}

}  // namespace

Result<void> enable(Outside& outside, const std::string& agent, EnableOptions options) {
  const auto grant = read_grant(outside.files, agent);
  if (!grant) return sdk::fail(grant.error());
  if (const auto good = polkit_reads_rules(outside); !good) return good;
  const std::string rule = rule_text(*grant);
  if (options.dry_run) {
    outside.out << "would write " << rule_path(agent) << ":\n\n" << rule << "\n";
    if (options.hold) outside.out << "would hold " << grant->package << " (apt-mark hold) and record it in " << hold_path(agent) << "\n";
    return {};
  }
  if (const auto done = options.hold ? take_hold(outside, *grant) : release(outside, agent); !done) return done;
  if (const auto done = write(outside, rule_path(agent), rule); !done) return done;
  outside.out << "\n" << rule << "\n";
  if (const auto done = write(outside, enabled_path(agent), record_text(*grant, options.hold)); !done) return done;
  if (options.hold)
    outside.out << "An `apt-mark hold` of yours on " << grant->package
                << " cannot be told from Upkeep's own any more; to stop upgrades use `upkeep suspend " << agent << "`.\n";
  return {};
}

Result<void> disable(Outside& outside, const std::string& agent) {
  if (const auto done = remove(outside, rule_path(agent)); !done) return done;
  if (const auto done = remove(outside, enabled_path(agent)); !done) return done;
  return release(outside, agent);
}

Result<void> hold(Outside& outside, const std::string& agent) {
  const auto package = recorded(outside, agent);
  if (!package) return sdk::fail(package.error());
  if (package->empty() || is_held(outside, *package)) return {};
  if (const auto done = run(outside, {"/usr/bin/apt-mark", "hold", *package}); !done) return sdk::fail(done.error());
  outside.out << "held " << *package << "\n";
  return {};
}

Result<void> may_repair(Outside& outside, const std::string& agent) {
  if (const auto record = outside.files.read(enabled_path(agent), 4096); !record)
    return sdk::fail("the agent is not enabled", record.error());
  return {};
}

}  // namespace upkeep::root
