// SPDX-License-Identifier: Apache-2.0
#include "root/grant.h"

#include <algorithm>
#include <iomanip>
#include <sstream>

#include "config/load.h"
#include "config/raw.h"
#include "sdk/root_helper.h"
#include "sdk/unit_job.h"
#include "sdk/version.h"

namespace upkeep::root {

using sdk::Errc;

namespace {

bool reads_logs(const sdk::Config* health) {
  if (health == nullptr) return false;
  const auto probes = health->tables("probe");
  return health->has("log") || std::any_of(probes.begin(), probes.end(), [](const sdk::Config* one) { return one->text("use") == "log"; });
}

// ["a", "b"] in both JavaScript and JSON.
std::string list_of(const std::vector<std::string>& names) {
  std::ostringstream out;
  out << "[";
  for (const auto& name : names) out << (&name == &names.front() ? "" : ", ") << std::quoted(name);
  out << "]";
  return out.str();
}

}  // namespace

sdk::Result<Grant> read_grant(sdk::Files& files, const std::string& agent) {
  const std::string path = "/etc/upkeep/agents.d/" + agent + ".toml";
  config::Issues issues;
  const auto tree = config::read_merged(files, path, issues);
  if (!tree) return sdk::fail(Errc::invalid, config::text(issues.front()));
  const sdk::Config* installer = tree->find("installer");
  if (installer == nullptr) return sdk::fail(Errc::invalid, path + ": installer: is missing");
  const auto wrong = [&](const char* key, const std::string& why) {
    const sdk::Config* value = installer->find(key);
    return sdk::fail(Errc::invalid, config::text({(value == nullptr ? installer : value)->place(), std::string("installer.") + key, why}));
  };
  // Any other installer gets its unit and the hooks, and no part of a package manager's rights.
  const auto* manager = package_manager(installer->text("use"));
  Grant grant{agent, manager ? installer->text("package") : "", installer->text("restart"), {}, reads_logs(tree->find("health")), manager};
  if (manager != nullptr && !sdk::is_package_name(grant.package)) return wrong("package", "is no name of a package");
  if (grant.package == "upkeep") return wrong("package", "Upkeep does not upgrade itself");
  if (installer->has("restart") && !sdk::is_unit_name(grant.unit)) return wrong("restart", "is no name of a unit");
  const sdk::Config* hooks = tree->find("hooks");
  for (const char* when : {"before_apply", "after_apply", "after_commit", "after_rollback"}) {
    const sdk::Config* hook = hooks == nullptr ? nullptr : hooks->find(when);
    if (hook == nullptr || !hook->has("unit")) continue;
    const std::string unit = hook->text("unit");
    if (!sdk::is_unit_name(unit))
      return sdk::fail(Errc::invalid,
                       config::text({hook->find("unit")->place(), std::string("hooks.") + when + ".unit", "is no name of a unit"}));
    if (std::find(grant.hook_units.begin(), grant.hook_units.end(), unit) == grant.hook_units.end()) grant.hook_units.push_back(unit);
  }
  return grant;
}

// std::quoted makes a literal of both JavaScript and JSON of what the patterns of names let through: letters, digits, signs, and
// the backslash, which it escapes.
std::string rule_text(const Grant& grant) {
  std::vector<std::string> starts = grant.hook_units;
  for (const auto helper : {sdk::RootHelper::conffiles, sdk::RootHelper::hold, sdk::RootHelper::repair, sdk::RootHelper::store})
    if (!grant.package.empty()) starts.push_back(sdk::root_unit(helper, grant.agent));
  std::ostringstream out;
  out << "// Written by `upkeep enable " << grant.agent << "`, taken away by `upkeep disable " << grant.agent << "`. Changes are lost.\n"
      << "polkit.addRule(function (action, subject) {\n"
      << "  if (subject.user != \"upkeep\") return polkit.Result.NOT_HANDLED;\n"
      << "  var name = " << std::quoted(grant.package) << ", unit = " << std::quoted(grant.unit) << ";\n"
      << "  var starts = " << list_of(starts) << ";\n"
      << (grant.package.empty() ? "" : R"(
  // Every package that is named, not just one of them. Each id is "name;version;arch;data".
  function onlyOurs(ids) {
    return !!ids && ids.split("&").every(function (id) { return id.split(";")[0] === name; });
  })") << R"(
  function mayManage(wanted, verb) {
    if (verb === "start") return starts.indexOf(wanted) >= 0;
    return unit !== "" && wanted === unit && ["restart", "try-restart", "reload"].indexOf(verb) >= 0;
  }

  switch (action.id) {)"
      << (grant.package.empty() ? "" : R"(
    case "org.freedesktop.packagekit.package-install":
    case "org.freedesktop.packagekit.package-downgrade":
      return onlyOurs(action.lookup("package_ids")) ? polkit.Result.YES : polkit.Result.NOT_HANDLED;
    case "org.freedesktop.packagekit.system-sources-refresh":
    case "org.freedesktop.packagekit.repair-system":
      return polkit.Result.YES;)")
      << R"(
    case "org.freedesktop.systemd1.manage-units":
      return mayManage(action.lookup("unit"), action.lookup("verb")) ? polkit.Result.YES : polkit.Result.NOT_HANDLED;
  }
  return polkit.Result.NOT_HANDLED;
});
)";
  return out.str();
}

std::string record_text(const Grant& grant, bool hold, bool store) {
  std::ostringstream out;
  out << "{\"agent\":" << std::quoted(grant.agent) << "," << sdk::enabled_package(grant.package) << ","
      << sdk::enabled_installer(grant.manager == nullptr ? "" : grant.manager->installer) << ",\"unit\":" << std::quoted(grant.unit)
      << ",\"hooks\":" << list_of(grant.hook_units) << ",\"hold\":" << (hold ? "true" : "false")
      << ",\"store\":" << (store ? "true" : "false") << ",\"version\":" << std::quoted(UPKEEP_SDK_VERSION) << "}\n";
  return out.str();
}

}  // namespace upkeep::root
