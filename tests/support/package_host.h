// SPDX-License-Identifier: Apache-2.0
#pragma once
// The installer of any family of hosts, on a host in memory: demo-agent 1.2.3-1 is installed, 2.3.4-1 and 3.0.0-1 are offered.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "installer/apt/database.h"
#include "installer/yum/database.h"
#include "installer/zypper/database.h"
#include "shared/packagekit/driver.h"
#include "shared/packages/installer.h"
#include "shared/rpm/make.h"
#include "support/fake_packagekit.h"

namespace upkeep::test {

enum class Family { apt, yum, zypper };
inline const char* name_of(Family family) { return family == Family::apt ? "apt" : family == Family::yum ? "yum" : "zypper"; }

class RecordedNote : public sdk::Note {
 public:
  sdk::Task<sdk::Result<void>> write(std::string bytes) override {
    if (failure) co_return sdk::fail(*failure);
    written.push_back(std::move(bytes));
    co_return sdk::Result<void>();
  }
  sdk::Task<sdk::Result<void>> record(sdk::Topic topic, std::vector<std::string> lines) override {
    recorded.emplace_back(topic, std::move(lines));
    co_return sdk::Result<void>();
  }
  std::vector<std::string> written;
  std::vector<std::pair<sdk::Topic, std::vector<std::string>>> recorded;
  std::optional<sdk::Error> failure;
};

inline shared::packages::Settings package_settings() {
  shared::packages::Settings s;
  s.packages = {"demo-agent"};
  s.restart.unit = "demo-agent.service";
  s.restart.how = sdk::UnitVerb::try_restart;
  s.deadline = std::chrono::minutes(30);
  s.refresh = std::chrono::hours(6);
  return s;
}

inline sdk::Change package_change() {
  sdk::Change c;
  c.operation = "op-1";
  c.from = "1.2.3-1";
  c.to = "2.3.4-1";
  c.target = *sdk::Version::parse("2.3.4");
  return c;
}

// Makes a host one of the family.
inline void become(FakePackageKit& host, Family family) {
  host.contents["/var/lib/upkeep-root/enabled/" + host.agent()] = R"({"packages":["demo-agent","demo-libs"]})";
  if (family == Family::apt) return;
  host.backend = family == Family::yum ? "dnf" : "zypp";
  host.packages["demo-agent"].arch = "noarch";
  for (const char* version : {"3.0.0-1", "2.3.4-1", "1.2.3-1"}) host.ids.push_back("demo-agent;" + std::string(version) + ";noarch;demo");
}

inline std::unique_ptr<shared::packages::PackageInstaller> make_installer(FakePackageKit& host, Family family,
                                                                          shared::packages::Settings settings) {
  using shared::packagekit::Backend;
  std::unique_ptr<shared::packages::PackageDatabase> database;
  Backend backend{.name = "apt", .any_arch = "all"};
  if (family != Family::apt)
    backend = Backend{.name = family == Family::yum ? "dnf" : "zypp",
                      .wants_repository = true,
                      .any_arch = {},
                      .store_prefix = shared::rpm::store_prefix(host.agent())};
  auto driver = std::make_unique<shared::packagekit::PackageKitDriver>(host, std::move(backend), settings.deadline);
  if (family == Family::apt) database = std::make_unique<plugins::apt::AptDatabase>(host);
  if (family == Family::yum) database = std::make_unique<plugins::yum::YumDatabase>(host, *driver);
  if (family == Family::zypper) database = std::make_unique<plugins::zypper::ZypperDatabase>(host, *driver);
  return std::make_unique<shared::packages::PackageInstaller>(host, std::move(settings), std::move(driver), std::move(database));
}

}  // namespace upkeep::test
