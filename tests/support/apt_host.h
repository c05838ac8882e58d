// SPDX-License-Identifier: Apache-2.0
#pragma once
// The apt installer on a host in memory, as its tests need it: demo-agent 1.2.3-1 is installed, 2.3.4-1 and 3.0.0-1 are offered.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/package_host.h"

namespace upkeep::test {

class AptHost : public testing::Test {
 protected:
  AptHost() { host.contents["/var/lib/upkeep-root/enabled/" + host.agent()] = R"({"packages":["demo-agent"]})"; }

  FakePackageKit host;
  RecordedNote note;
  shared::packages::Settings settings = make_settings();
  sdk::Change change = package_change();

  static shared::packages::Settings make_settings() {
    auto s = package_settings();
    s.others = {{"other-agent", "other"}};
    return s;
  }

  using Installer = shared::packages::PackageInstaller;
  Installer installer() {
    shared::packagekit::Backend backend{.name = "apt", .any_arch = "all"};
    return {host, settings, std::make_unique<shared::packagekit::PackageKitDriver>(host, backend, settings.deadline),
            std::make_unique<plugins::apt::AptDatabase>(host)};
  }
  sdk::Result<sdk::Installed> inspect(const char* target = "2.3.4") {
    auto apt = installer();
    const auto version = *sdk::Version::parse(target);
    return host.run(apt.inspect(&version));
  }
  sdk::Result<sdk::Plan> prepare() {
    auto apt = installer();
    return host.run(apt.prepare(change));
  }
  sdk::Result<void> apply(std::string last_note = "") {
    auto apt = installer();
    return host.run(apt.apply(change, note, last_note));
  }
  sdk::Result<sdk::Verified> verify(std::string last_note = "") {
    auto apt = installer();
    return host.run(apt.verify(change, last_note));
  }
  sdk::Result<void> revert(std::string last_note = "") {
    auto apt = installer();
    return host.run(apt.revert(change, note, last_note));
  }
  // What is installed now: "2.3.4-1 installed".
  [[nodiscard]] std::string there() const {
    const auto& p = host.packages.at("demo-agent");
    return p.version + " " + p.status;
  }
  void next(const std::string& method, std::vector<PkStep> steps) { host.plays[method].push_back(std::move(steps)); }
  void becomes(const std::string& version, const std::string& status = "installed") {
    host.packages["demo-agent"] = FakePackage{version, status};
  }
};

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace upkeep::test
