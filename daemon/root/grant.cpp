// SPDX-License-Identifier: Apache-2.0
#include "root/grant.h"

#include <iomanip>
#include <sstream>

#include "config/load.h"
#include "config/names.h"
#include "config/raw.h"

namespace upkeep::root {

using sdk::Errc;

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
  const Grant grant{agent, installer->text("package"), installer->text("restart")};
  if (installer->text("use") != "apt") return wrong("use", "only agents of apt can be enabled");
  if (!config::is_package_name(grant.package)) return wrong("package", "is no name of a package");
  if (grant.package == "upkeep") return wrong("package", "Upkeep does not upgrade itself");
  if (installer->has("restart") && !config::is_unit_name(grant.unit)) return wrong("restart", "is no name of a unit");
  return grant;
}

// std::quoted makes a literal of both JavaScript and JSON of what the patterns of names let through: letters, digits, signs, and
// the backslash, which it escapes.
std::string rule_text(const Grant& grant) {
  std::ostringstream out;
  out << "// Written by `upkeep enable " << grant.agent << "`, taken away by `upkeep disable " << grant.agent << "`. Changes are lost.\n"
      << "polkit.addRule(function (action, subject) {\n"
      << "  if (subject.user != \"upkeep\") return polkit.Result.NOT_HANDLED;\n"
      << "  var name = " << std::quoted(grant.package) << ", unit = " << std::quoted(grant.unit) << ";\n"
      << "  var helpers = [" << std::quoted("upkeep-hold@" + grant.agent + ".service") << ", "
      << std::quoted("upkeep-repair@" + grant.agent + ".service") << "];\n"
      << R"(
  // Every package that is named, not just one of them. Each id is "name;version;arch;data".
  function onlyOurs(ids) {
    return !!ids && ids.split("&").every(function (id) { return id.split(";")[0] === name; });
  }
  function mayManage(wanted, verb) {
    if (helpers.indexOf(wanted) >= 0) return verb === "start";
    return unit !== "" && wanted === unit && ["restart", "try-restart", "reload"].indexOf(verb) >= 0;
  }

  switch (action.id) {
    case "org.freedesktop.packagekit.package-install":
    case "org.freedesktop.packagekit.package-downgrade":
      return onlyOurs(action.lookup("package_ids")) ? polkit.Result.YES : polkit.Result.NOT_HANDLED;
    case "org.freedesktop.packagekit.system-sources-refresh":
    case "org.freedesktop.packagekit.repair-system":
      return polkit.Result.YES;
    case "org.freedesktop.systemd1.manage-units":
      return mayManage(action.lookup("unit"), action.lookup("verb")) ? polkit.Result.YES : polkit.Result.NOT_HANDLED;
  }
  return polkit.Result.NOT_HANDLED;
});
)";
  return out.str();
}

std::string record_text(const Grant& grant, bool hold) {
  std::ostringstream out;
  out << "{\"agent\":" << std::quoted(grant.agent) << ",\"packages\":[" << std::quoted(grant.package)
      << "],\"unit\":" << std::quoted(grant.unit) << ",\"hold\":" << (hold ? "true" : "false")
      << ",\"version\":" << std::quoted(UPKEEP_SDK_VERSION) << "}\n";
  return out.str();
}

}  // namespace upkeep::root
