// SPDX-License-Identifier: Apache-2.0
#include "root/verbs.h"

#include <algorithm>

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

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

// Rules in JavaScript came with 0.106; later versions dropped the "0.".
Result<void> polkit_reads_rules(Outside& outside) {
  const auto text = run(outside, {"/usr/bin/pkaction", "--version"});
  if (!text) return sdk::fail("polkit 0.106 or later is needed", text.error());
  const std::string_view version = sdk::trimmed(*text).substr(sdk::trimmed(*text).rfind(' ') + 1);
  if (sdk::parse_number(version.starts_with("0.") ? version.substr(2) : version).value_or(0) >= 106) return {};
  return sdk::fail(Errc::unsupported, "polkit 0.106 or later is needed to read rules; this host has " + sdk::quoted(version));
}

// The packages whose holds are Upkeep's own.
Result<std::vector<std::string>> recorded(Outside& outside, const std::string& agent) {
  if (!outside.files.exists(hold_path(agent))) return {};
  const auto text = outside.files.read(hold_path(agent), 4096);
  if (!text) return sdk::fail(text.error());
  auto packages = sdk::lines_of(sdk::trimmed(*text).empty() ? "?" : *text);
  for (const auto& package : packages)
    if (!sdk::is_package_name(package))
      return sdk::fail(Errc::invalid, hold_path(agent) + ": " + sdk::quoted(package) + " is no name of a package");
  return packages;
}

// Holds, or not, unless it is so already. Of a package that is gone there is no hold; the daemon asks again once it is there. Where it
// cannot be told what is so, a hold of ours is taken away all the same: its record goes with it.
Result<void> mark(Outside& outside, const PackageManager& manager, bool held, const std::string& package) {
  const auto now = manager.look(outside, package);
  if (now && (now->held == held || (held && !now->there))) return {};
  auto done = manager.set_hold(outside, package, held);
  if (done && (now || held)) outside.out << (held ? "hold " : "unhold ") << package << "\n";
  return done;
}

// By whichever package manager: the agent may have got another installer since, or be gone.
Result<void> unmark(Outside& outside, const std::string& package) {
  Result<void> done;
  for (const auto& manager : package_managers())
    if (done) done = mark(outside, manager, false, package);
  return done;
}

Result<void> release(Outside& outside, const std::string& agent) {
  const auto packages = recorded(outside, agent);
  if (!packages) return sdk::fail(packages.error());
  Result<void> done;
  for (const auto& package : *packages)
    if (done) done = unmark(outside, package);
  return done.and_then([&] { return remove(outside, hold_path(agent)); });
}

// What is installed is held; the record is written before, and says also what is not ours any more until it is released.
Result<void> take_hold(Outside& outside, const Grant& grant) {
  const auto before = recorded(outside, grant.agent);
  if (!before) return sdk::fail(before.error());
  const auto now = look(outside, grant);
  if (!now) return sdk::fail(now.error());
  std::string record;
  for (const auto& package : *now) {
    record += package.name + "\n";
    const bool ours = std::find(before->begin(), before->end(), package.name) != before->end();
    if (package.held && !ours)
      return sdk::fail(Errc::denied, package.name + " is held already, by somebody else: `" + grant.manager->unhold + " " + package.name +
                                         "` if that is over, or enable with --no-hold to leave holds alone");
  }
  for (const auto& package : *before)
    if (("\n" + record).find("\n" + package + "\n") == std::string::npos)
      if (auto released = unmark(outside, package); !released) return released;
  if (const auto text = outside.files.read(hold_path(grant.agent), 4096); !text || *text != record)
    if (auto written = write(outside, hold_path(grant.agent), record); !written) return written;
  Result<void> held;
  for (const auto& package : *now)
    if (held) held = mark(outside, *grant.manager, true, package.name);
  if (!held) static_cast<void>(release(outside, grant.agent));
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

// What is about to be done, for people. Takes back what cannot be.
Result<void> show(Outside& outside, const Grant& grant, EnableOptions& options) {
  const auto& manager = grant.manager;
  const std::string& agent = grant.agent;
  const char* const would = options.dry_run ? "would " : "";
  outside.out << (options.dry_run ? "would write " : "writes ") << rule_path(agent) << ":\n\n" << rule_text(grant) << "\n";
  if (manager == nullptr) options.hold = options.store = false;
  if (options.hold) {
    const auto why = manager->no_hold(outside);
    if (!why) return sdk::fail(why.error());
    options.hold = why->empty();
    if (!options.hold) outside.out << "no hold: " << *why << "\n";
  }
  if (options.hold)
    outside.out << would << (options.dry_run ? "hold " : "holds ") << listed(grant.all()) << " (" << manager->hold << "), recorded in "
                << hold_path(agent) << ".\n";
  if (options.hold && manager->installer == "apt")
    outside.out << "A `" << manager->hold << "` of yours on it cannot be told from that one; to stop upgrades use `upkeep suspend " << agent
                << "`.\n";
  if (options.store) {
    const auto why = manager->no_store(outside);
    if (!why) return sdk::fail(why.error());
    options.store = why->empty();
    if (!options.store) outside.out << "no package store: " << *why << "\n";
  }
  if (options.store) {
    const auto [pin, text] = manager->pin == nullptr ? std::pair<std::string, std::string>() : manager->pin(agent);
    outside.out << would << (options.dry_run ? "keep " : "keeps ") << "what is installed in " << sdk::kStoreFolder << agent
                << ", for going back without the repository: " << manager->source_link(agent);
    if (!pin.empty()) outside.out << " and " << pin << ":\n\n" << text;
    outside.out << "\n";
  }
  if (grant.reads_logs)
    outside.out << would << (options.dry_run ? "let " : "lets ") << "upkeepd read the logs of all units: " << drop_in_path(agent) << "\n";
  if (manager == nullptr) return {};
  return look(outside, grant).map([&](const std::vector<Package>& now) { outside.out << manager->doubts(outside, now); });
}

}  // namespace

Result<void> enable(Outside& outside, const std::string& agent, EnableOptions options) {
  const auto grant = read_grant(outside, agent);
  if (!grant) return sdk::fail(grant.error());
  if (auto good = polkit_reads_rules(outside); !good) return good;
  if (auto shown = show(outside, *grant, options); !shown || options.dry_run) return shown;
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
        return let_read_logs(outside, Grant{agent, {}, {}, "", {}, false});
      })
      .and_then([&] { return drop_store(outside, agent); })
      .and_then([&] { return forget_conffiles(outside, agent); })
      .and_then([&] { return release(outside, agent); });
}

Result<void> hold(Outside& outside, const std::string& agent) {
  const auto packages = recorded(outside, agent);
  if (!packages || packages->empty()) return packages.map([](const auto&) {});
  const auto now = enabled(outside.files, agent);
  if (!now) return sdk::fail(now.error());
  Result<void> done;
  for (const auto& package : *packages)
    if (done) done = mark(outside, *now->manager, true, package);
  return done;
}

Result<void> store(Outside& outside, const std::string& agent) {
  return enabled_grant(outside, agent).and_then([&](const Grant& grant) { return fill_store(outside, grant); });
}

Result<void> conffiles(Outside& outside, const std::string& agent) {
  return enabled_grant(outside, agent).and_then([&](const Grant& grant) { return keep_conffiles(outside, grant); });
}

Result<Grant> enabled_grant(Outside& outside, const std::string& agent) {
  const auto now = enabled(outside.files, agent);
  if (!now) return sdk::fail(now.error());
  auto grant = read_grant(outside, agent, now->manager);
  if (grant && grant->manager == nullptr) return sdk::fail(Errc::unsupported, "its installer manages no packages");
  return grant;
}

}  // namespace upkeep::root
