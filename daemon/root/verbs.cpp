// SPDX-License-Identifier: Apache-2.0
#include "root/verbs.h"

#include "root/conffiles.h"
#include "root/grant.h"
#include "root/origin.h"
#include "root/store.h"
#include "sdk/kept.h"
#include "sdk/root_helper.h"
#include "sdk/text.h"
#include "sdk/unit_job.h"
#include "sdk/version.h"

namespace upkeep::root {
namespace {

using sdk::Errc;
using sdk::hold_path;
using sdk::Result;

std::string rule_path(const std::string& agent) { return "/etc/polkit-1/rules.d/50-upkeep-" + agent + ".rules"; }
std::string drop_in_path(const std::string& agent) { return "/etc/systemd/system/upkeepd.service.d/50-upkeep-" + agent + "-journal.conf"; }

// Rules in JavaScript came with 0.106; later versions dropped the "0.".
Result<void> polkit_reads_rules(Outside& outside) {
  const auto text = run(outside, {"/usr/bin/pkaction", "--version"});
  if (!text) return sdk::fail("polkit 0.106 or later is needed", text.error());
  const std::string_view version = sdk::trimmed(*text).substr(sdk::trimmed(*text).rfind(' ') + 1);
  if (sdk::parse_number(version.starts_with("0.") ? version.substr(2) : version).value_or(0) >= 106) return {};
  return sdk::fail(Errc::unsupported, "polkit 0.106 or later is needed to read rules; this host has " + sdk::quoted(version));
}

// The package whose hold is Upkeep's own; empty when nothing is recorded.
Result<std::string> recorded(Outside& outside, const std::string& agent) {
  if (!outside.files.exists(hold_path(agent))) return {};
  const auto text = outside.files.read(hold_path(agent), 4096);
  if (!text) return text;
  const std::string_view package = sdk::trimmed(*text);
  if (sdk::is_package_name(package)) return std::string(package);
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

// A group is for the whole of the daemon, and counts from its next start on.
Result<void> let_read_logs(Outside& outside, const Grant& grant) {
  const std::string path = drop_in_path(grant.agent);
  if (outside.files.exists(path) == grant.reads_logs) return {};
  const std::string text =
      "# Written by `upkeep enable " + grant.agent + "`: a probe of it reads logs.\n[Service]\nSupplementaryGroups=systemd-journal\n";
  return (grant.reads_logs ? write(outside, path, text) : remove(outside, path)).and_then([&] {
    return run(outside, {"/usr/bin/systemctl", "daemon-reload"}).map([&](const std::string&) {
      outside.out << "this counts once upkeepd is restarted: sudo systemctl restart upkeepd\n";
    });
  });
}

Result<Grant> enabled_grant(Outside& outside, const std::string& agent) {
  return may_repair(outside, agent).and_then([&] { return read_grant(outside.files, agent); });
}

}  // namespace

Result<void> enable(Outside& outside, const std::string& agent, EnableOptions options) {
  const auto grant = read_grant(outside.files, agent);
  if (!grant) return sdk::fail(grant.error());
  if (auto good = polkit_reads_rules(outside); !good) return good;
  if (grant->package.empty()) options.hold = options.store = false;
  outside.out << (options.dry_run ? "would write " : "writes ") << rule_path(agent) << ":\n\n" << rule_text(*grant) << "\n";
  if (options.hold)
    outside.out << (options.dry_run ? "would hold " : "holds ") << grant->package << " (apt-mark hold), recorded in " << hold_path(agent)
                << ".\nAn `apt-mark hold` of yours on it cannot be told from that one; to stop upgrades use `upkeep suspend " << agent
                << "`.\n";
  if (options.store) {
    const auto other = source_without_host(outside);
    if (!other) return sdk::fail(other.error());
    options.store = other->empty();
    if (!options.store)
      outside.out << "no package store: its pin would put the source " << *other
                  << " of this host, which has no host name, behind as well\n";
  }
  if (options.store)
    outside.out << (options.dry_run ? "would keep " : "keeps ") << "what is installed in " << sdk::kStoreFolder << agent
                << ", for going back without the repository: " << store_link(agent) << " and " << pin_path(agent) << ":\n\n"
                << pin_text() << "\n";
  if (grant->reads_logs)
    outside.out << (options.dry_run ? "would let " : "lets ") << "upkeepd read the logs of all units: " << drop_in_path(agent) << "\n";
  if (options.dry_run) return {};
  return (options.hold ? take_hold(outside, *grant) : release(outside, agent))
      .and_then([&] { return write(outside, rule_path(agent), rule_text(*grant)); })
      .and_then([&] { return let_read_logs(outside, *grant); })
      .and_then([&] { return options.store ? open_store(outside, agent) : drop_store(outside, agent); })
      .and_then([&] { return write(outside, sdk::enabled_file(agent), record_text(*grant, options.hold, options.store)); })
      .map([&] {
        if (!options.store) return;
        if (const auto kept = fill_store(outside, *grant); !kept) outside.out << "nothing is kept yet: " << kept.error().message << "\n";
      });
}

Result<void> disable(Outside& outside, const std::string& agent) {
  return remove(outside, rule_path(agent))
      .and_then([&] { return remove(outside, sdk::enabled_file(agent)); })
      .and_then([&] {
        return let_read_logs(outside, Grant{agent, "", "", {}, false});
      })
      .and_then([&] { return drop_store(outside, agent); })
      .and_then([&] { return forget_conffiles(outside, agent); })
      .and_then([&] { return release(outside, agent); });
}

Result<void> hold(Outside& outside, const std::string& agent) {
  return recorded(outside, agent).and_then([&](const std::string& package) { return mark(outside, "hold", package); });
}

Result<void> store(Outside& outside, const std::string& agent) {
  const auto grant = enabled_grant(outside, agent);
  return grant ? fill_store(outside, *grant) : sdk::fail(grant.error());
}

Result<void> conffiles(Outside& outside, const std::string& agent) {
  const auto grant = enabled_grant(outside, agent);
  return grant ? keep_conffiles(outside, *grant) : sdk::fail(grant.error());
}

Result<void> may_repair(Outside& outside, const std::string& agent) {
  return outside.files.read(sdk::enabled_file(agent), 4096).map([](const std::string&) {}).map_error([](const sdk::Error& error) {
    return error.with_context("the agent is not enabled");
  });
}

}  // namespace upkeep::root
