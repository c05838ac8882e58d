// SPDX-License-Identifier: Apache-2.0
#include "root/grant.h"

#include <algorithm>
#include <iomanip>
#include <sstream>

#include "config/load.h"
#include "config/raw.h"
#include "sdk/package_family.h"
#include "sdk/root_helper.h"
#include "sdk/text.h"
#include "sdk/unit_job.h"
#include "sdk/version.h"

namespace upkeep::root {

using sdk::Errc;

namespace {

constexpr std::size_t kMostOsRelease = std::size_t{16} * 1024;
constexpr std::size_t kMostPackages = 16;  // the record of an enabled agent is read up to 4096 bytes

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

// By the same rule as the daemon. PackageKit may be away, or a host may have none.
sdk::Result<const PackageManager*> find_manager(Outside& outside) {
  const auto said = run(outside, sdk::backend_question());
  // The usual one is a link, and is what the second one says; where it is not, it comes first.
  auto system = outside.files.read("/etc/os-release", kMostOsRelease);
  if (!system) system = outside.files.read("/usr/lib/os-release", kMostOsRelease);
  return sdk::pick_family(system ? *system : "", sdk::backend_in(said ? *said : "")).map([](std::string_view family) {
    return package_manager(family);
  });
}

class Reader {
 public:
  Reader(std::string path, const sdk::Config& installer) : path_(std::move(path)), installer_(installer) {}

  [[nodiscard]] sdk::Error wrong(const std::string& key, const std::string& why) const {
    const sdk::Config* value = installer_.find(key);
    return {Errc::invalid, config::text({(value == nullptr ? installer_ : *value).place(), "installer." + key, why})};
  }
  // The names that a key has, as one or as a list.
  sdk::Result<void> names(const std::string& key, std::vector<std::string>& out) const {
    const sdk::Config* value = installer_.find(key);
    auto names = installer_.texts(key);
    if (const auto* one = value == nullptr ? nullptr : std::get_if<std::string>(&value->value())) names = {*one};
    const auto* list = value == nullptr ? nullptr : std::get_if<sdk::Config::Array>(&value->value());
    if (list != nullptr && list->size() != names.size()) return sdk::fail(wrong(key, "is no list of names"));
    if (value != nullptr && list == nullptr && names.empty()) return sdk::fail(wrong(key, "is no name of a package"));
    if (value != nullptr && names.empty()) return sdk::fail(wrong(key, "names no package"));
    for (auto& name : names) {
      if (!sdk::is_package_name(name)) return sdk::fail(wrong(key, "is no name of a package"));
      if (name == "upkeep") return sdk::fail(wrong(key, "Upkeep does not upgrade itself"));
      if (std::find(out.begin(), out.end(), name) != out.end()) return sdk::fail(wrong(key, name + " stands there twice"));
      out.push_back(std::move(name));
    }
    if (out.size() > kMostPackages) return sdk::fail(wrong(key, "more than " + std::to_string(kMostPackages) + " packages"));
    return {};
  }
  sdk::Result<void> packages(Grant& grant) const {
    if (installer_.has("package") == installer_.has("packages"))
      return sdk::fail(wrong("package", installer_.has("package") ? "and packages: one of them" : "is no name of a package"));
    return names(installer_.has("package") ? "package" : "packages", grant.packages).and_then([&] {
      auto all = grant.packages;
      auto done = names("with", all);
      grant.companions.assign(all.begin() + static_cast<std::ptrdiff_t>(grant.packages.size()), all.end());
      return done;
    });
  }

 private:
  std::string path_;
  const sdk::Config& installer_;
};

}  // namespace

std::vector<std::string> Grant::all() const {
  auto out = packages;
  out.insert(out.end(), companions.begin(), companions.end());
  return out;
}

sdk::Result<Grant> read_grant(Outside& outside, const std::string& agent, const PackageManager* automatic) {
  const std::string path = "/etc/upkeep/agents.d/" + agent + ".toml";
  config::Issues issues;
  const auto tree = config::read_merged(outside.files, path, issues);
  if (!tree) return sdk::fail(Errc::invalid, config::text(issues.front()));
  const sdk::Config* installer = tree->find("installer");
  if (installer == nullptr) return sdk::fail(Errc::invalid, path + ": installer: is missing");
  const Reader reader(path, *installer);
  // Any other installer gets its unit and the hooks, and no part of a package manager's rights.
  sdk::Result<const PackageManager*> manager = package_manager(installer->text("use"));
  if (installer->text("use") == sdk::kAutoFamily) manager = automatic != nullptr ? automatic : find_manager(outside);
  if (!manager) return sdk::fail(reader.wrong("use", manager.error().message));
  Grant grant{agent, {}, {}, installer->text("restart"), {}, reads_logs(tree->find("health")), *manager};
  if (*manager != nullptr)
    if (auto read = reader.packages(grant); !read) return sdk::fail(read.error());
  if (installer->has("restart") && !sdk::is_unit_name(grant.unit)) return sdk::fail(reader.wrong("restart", "is no name of a unit"));
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

sdk::Result<std::vector<Package>> look(Outside& outside, const Grant& grant) {
  std::vector<Package> out;
  for (const auto& name : grant.packages) {
    auto now = grant.manager->look(outside, name);
    if (!now) return sdk::fail(now.error());
    const bool there = now->there;
    if (there) out.clear();
    if (out.empty()) out.push_back(std::move(*now));
    if (there) break;
  }
  for (const auto& name : grant.companions) {
    auto now = grant.manager->look(outside, name);
    if (!now) return sdk::fail(now.error());
    if (now->there) out.push_back(std::move(*now));
  }
  return out;
}

// std::quoted makes a literal of both JavaScript and JSON of what the patterns of names let through: letters, digits, signs, and
// the backslash, which it escapes.
std::string rule_text(const Grant& grant) {
  std::vector<std::string> starts = grant.hook_units;
  for (const auto helper : {sdk::RootHelper::conffiles, sdk::RootHelper::hold, sdk::RootHelper::repair, sdk::RootHelper::store})
    if (!grant.packages.empty()) starts.push_back(sdk::root_unit(helper, grant.agent));
  std::ostringstream out;
  out << "// Written by `upkeep enable " << grant.agent << "`, taken away by `upkeep disable " << grant.agent << "`. Changes are lost.\n"
      << "polkit.addRule(function (action, subject) {\n"
      << "  if (subject.user != \"upkeep\") return polkit.Result.NOT_HANDLED;\n"
      << "  var names = " << list_of(grant.all()) << ", unit = " << std::quoted(grant.unit) << ";\n"
      << "  var starts = " << list_of(starts) << ";\n"
      << (grant.packages.empty() ? "" : R"(
  // Every package that is named, not just one of them. Each id is "name;version;arch;data".
  function onlyOurs(ids) {
    return !!ids && ids.split("&").every(function (id) { return names.indexOf(id.split(";")[0]) >= 0; });
  })") << R"(
  function mayManage(wanted, verb) {
    if (verb === "start") return starts.indexOf(wanted) >= 0;
    return unit !== "" && wanted === unit && ["restart", "try-restart", "reload"].indexOf(verb) >= 0;
  }

  switch (action.id) {)"
      << (grant.packages.empty() ? "" : R"(
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
  out << "{\"agent\":" << std::quoted(grant.agent) << "," << sdk::enabled_packages(grant.all()) << ","
      << sdk::enabled_installer(grant.manager == nullptr ? "" : grant.manager->installer) << ",\"unit\":" << std::quoted(grant.unit)
      << ",\"hooks\":" << list_of(grant.hook_units) << ",\"hold\":" << (hold ? "true" : "false")
      << ",\"store\":" << (store ? "true" : "false") << ",\"version\":" << std::quoted(UPKEEP_SDK_VERSION) << "}\n";
  return out.str();
}

}  // namespace upkeep::root
