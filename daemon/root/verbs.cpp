// SPDX-License-Identifier: Apache-2.0
#include "root/verbs.h"

#include "root/conffiles.h"
#include "root/grant.h"
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

// Holds, or not, unless it is so already. Of a package that is gone there is no hold.
Result<void> mark(Outside& outside, const PackageManager& manager, bool held, const std::string& package) {
  if (const auto now = manager.look(outside, package); (now && now->held) == held) return {};
  auto done = manager.set_hold(outside, package, held);
  if (done) outside.out << (held ? "hold " : "unhold ") << package << "\n";
  return done;
}

// By whichever package manager: the agent may have got another installer since, or be gone.
Result<void> release(Outside& outside, const std::string& agent) {
  const auto package = recorded(outside, agent);
  if (!package) return sdk::fail(package.error());
  Result<void> done;
  for (const auto& manager : package_managers())
    if (done && !package->empty()) done = mark(outside, manager, false, *package);
  return done.and_then([&] { return remove(outside, hold_path(agent)); });
}

Result<void> take_hold(Outside& outside, const Grant& grant) {
  const auto before = recorded(outside, grant.agent);
  if (!before) return sdk::fail(before.error());
  if (*before != grant.package) {
    if (auto released = release(outside, grant.agent); !released) return released;
    if (const auto now = grant.manager->look(outside, grant.package); now && now->held)
      return sdk::fail(Errc::denied, grant.package + " is held already, by somebody else: `" + grant.manager->unhold + " " + grant.package +
                                         "` if that is over, or enable with --no-hold to leave holds alone");
    if (auto written = write(outside, hold_path(grant.agent), grant.package + "\n"); !written) return written;
  }
  auto held = mark(outside, *grant.manager, true, grant.package);
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

}  // namespace

Result<void> enable(Outside& outside, const std::string& agent, EnableOptions options) {
  const auto grant = read_grant(outside.files, agent);
  if (!grant) return sdk::fail(grant.error());
  if (auto good = polkit_reads_rules(outside); !good) return good;
  if (grant->manager == nullptr) options.hold = options.store = false;
  outside.out << (options.dry_run ? "would write " : "writes ") << rule_path(agent) << ":\n\n" << rule_text(*grant) << "\n";
  if (options.hold)
    outside.out << (options.dry_run ? "would hold " : "holds ") << grant->package << " (" << grant->manager->hold << "), recorded in "
                << hold_path(agent) << ".\nAn `" << grant->manager->hold
                << "` of yours on it cannot be told from that one; to stop upgrades use `upkeep suspend " << agent << "`.\n";
  if (options.store) {
    const auto why = grant->manager->no_store(outside);
    if (!why) return sdk::fail(why.error());
    options.store = why->empty();
    if (!options.store) outside.out << "no package store: " << *why << "\n";
  }
  if (options.store) {
    const auto [pin, text] = grant->manager->pin(agent);
    outside.out << (options.dry_run ? "would keep " : "keeps ") << "what is installed in " << sdk::kStoreFolder << agent
                << ", for going back without the repository: " << grant->manager->source_link(agent) << " and " << pin << ":\n\n"
                << text << "\n";
  }
  if (grant->reads_logs)
    outside.out << (options.dry_run ? "would let " : "lets ") << "upkeepd read the logs of all units: " << drop_in_path(agent) << "\n";
  if (options.dry_run) return {};
  return (options.hold ? take_hold(outside, *grant) : release(outside, agent))
      .and_then([&] { return write(outside, rule_path(agent), rule_text(*grant)); })
      .and_then([&] { return let_read_logs(outside, *grant); })
      .and_then([&] { return options.store ? open_store(outside, *grant) : drop_store(outside, agent); })
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
  const auto package = recorded(outside, agent);
  if (!package || package->empty()) return package.map([](const std::string&) {});
  return enabled_manager(outside.files, agent).and_then([&](const auto* manager) { return mark(outside, *manager, true, *package); });
}

Result<void> store(Outside& outside, const std::string& agent) {
  return enabled_grant(outside, agent).and_then([&](const Grant& grant) { return fill_store(outside, grant); });
}

Result<void> conffiles(Outside& outside, const std::string& agent) {
  return enabled_grant(outside, agent).and_then([&](const Grant& grant) { return keep_conffiles(outside, grant); });
}

Result<Grant> enabled_grant(Outside& outside, const std::string& agent) {
  if (const auto manager = enabled_manager(outside.files, agent); !manager) return sdk::fail(manager.error());
  auto grant = read_grant(outside.files, agent);
  if (grant && grant->manager == nullptr) return sdk::fail(Errc::unsupported, "its installer manages no packages");
  return grant;
}

}  // namespace upkeep::root
