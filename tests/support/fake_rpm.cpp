// SPDX-License-Identifier: Apache-2.0
// The rpm side of fake_packagekit.h: what rpm answers, and what PackageKit's backends for dnf and zypp do with names and ids.

#include <algorithm>
#include <iterator>

#include "sdk/text.h"
#include "support/fake_packagekit.h"

namespace upkeep::test {
namespace {

constexpr std::uint64_t kFakeSimulate = 4, kFakeOnlyDownload = 8, kFakeAllowReinstall = 16;

std::vector<std::string> parts(const std::string& id) {
  const auto split = sdk::split(id, ';');
  return {split.begin(), split.end()};
}

bool has_id(const std::vector<std::string>& ids, const std::string& id) { return std::find(ids.begin(), ids.end(), id) != ids.end(); }

}  // namespace

// `rpm -q --qf FORMAT NAME…`; what came last has the later time. Of all that is installed the vendor is "Demo".
sdk::ProcessResult FakePackageKit::rpm_query(const std::vector<std::string>& argv) const {
  sdk::ProcessResult result;
  result.exit_code = 0;
  if (argv[1] == "-qp") {
    result.out = offered_vendor + "\n";
    return result;
  }
  for (auto name = argv.begin() + 4; name != argv.end(); ++name) {
    const auto known = packages.find(*name);
    if (known == packages.end()) {
      result.exit_code = std::min(result.exit_code + 1, 254);
      result.out += "package " + *name + " is not installed\n";
      continue;
    }
    const auto& p = known->second;
    const auto row = [&](const std::string& version, int at) {
      result.out += *name + "\t" + version + "\t" + p.arch + "\t" + std::to_string(at) + "\tDemo\n";
    };
    row(p.version, 1700000009);
    if (!p.left_behind.empty()) row(p.left_behind, 1700000000);
  }
  return result;
}

// Everything of these names that a repository has, but for the version that is installed, of which nobody says that it is available.
std::vector<PkStep> FakePackageKit::resolved(const sdk::BusCall& call) const {
  std::vector<PkStep> steps;
  for (const auto& wanted : call.arguments.at(1).items()) {
    const auto known = packages.find(wanted.text());
    if (known != packages.end())
      steps.push_back(pk_package(1, wanted.text() + ";" + known->second.version + ";" + known->second.arch + ";installed:demo"));
    for (const auto& id : ids) {
      const auto part = parts(id);
      if (part[0] == wanted.text() && (known == packages.end() || part[1] != known->second.version)) steps.push_back(pk_package(2, id));
    }
  }
  steps.push_back(pk_finished(1));
  steps.push_back(pk_destroy());
  return steps;
}

// All ids or none; each has to be exactly one that a repository has.
std::vector<PkStep> FakePackageKit::installed_from_repositories(const sdk::BusCall& call) {
  const auto flags = call.arguments.at(0).number();
  std::vector<PkStep> steps;
  for (const auto& one : call.arguments.at(1).items()) {
    const auto part = parts(one.text());
    const auto known = packages.find(part[0]);
    if (!has_id(ids, one.text()) && !has_id(unlisted, one.text())) return {pk_error(8, "Failed to find " + one.text()), pk_finished(2)};
    const bool again = known != packages.end() && known->second.version == part[1] && known->second.left_behind.empty();
    if (again && (flags & kFakeAllowReinstall) == 0) return {pk_error(9, one.text() + " is installed"), pk_finished(2)};
    steps.push_back(pk_package(again ? 19 : 12, one.text()));
    if ((flags & kFakeSimulate) != 0) continue;
    const auto file = "/" + part[0] + "-" + part[1] + "." + part[2] + ".rpm";
    if ((flags & kFakeOnlyDownload) != 0) {
      const std::string folder =
          backend == "dnf" ? "/var/cache/PackageKit/9/metadata/demo-9-x86_64/packages" : "/var/cache/zypp/packages/demo";
      steps.push_back(pk_effect([this, folder, file] { contents[folder + file] = "rpm"; }));
    } else {
      steps.push_back(pk_effect([this, part] { packages[part[0]] = FakePackage{.version = part[1], .arch = part[2]}; }));
    }
  }
  steps.push_back(pk_finished(1));
  steps.push_back(pk_destroy());
  return steps;
}

}  // namespace upkeep::test
