// SPDX-License-Identifier: Apache-2.0
#pragma once
// A folder that stands for the host, with programs that only note how they were called.

#include <gtest/gtest.h>

#include <set>

#include "root/verbs.h"
#include "support/root_world.h"

namespace upkeep::root {

class RootVerbs : public RootWorld {
 protected:
  RootVerbs() { configure("use = \"apt\"\npackage = \"demo-agent\"\nrestart = 'demo\\x2dagent.service'\n"); }

  void configure(const std::string& installer) const { write("/etc/upkeep/agents.d/demo.toml", "[installer]\n" + installer); }

  // dpkg's and apt's idea of holds, and polkit's version.
  sdk::Result<sdk::ProcessResult> run(const std::vector<std::string>& argv) {
    sdk::ProcessResult result;
    result.exit_code = 0;
    if (argv[0] == "/usr/bin/systemctl") {
      called_.push_back("systemctl " + argv[1]);
      return result;
    }
    if (argv[0] == "/usr/bin/apt-get" && argv[1] == "indextargets") {
      result.out = sources_;
      return result;
    }
    if (argv[0] == "/usr/bin/rpm") return sdk::fail(sdk::Errc::unsupported, "No such file or directory");
    if (argv[0] == "/usr/bin/busctl") {
      result.exit_code = backend_.empty() ? 1 : 0;
      result.out = "s \"" + backend_ + "\"\n";
      return result;
    }
    if (argv[0] == "/usr/bin/pkaction") {
      result.out = polkit_;
    } else if (argv[0] == "/usr/bin/dpkg-query") {
      if (dpkg_fails_) return sdk::ProcessResult{.exit_code = 2, .err = "dpkg-query: error: parsing file\n"};
      if (gone_.contains(argv.back()) && !held_.contains(argv.back()))
        return sdk::ProcessResult{.exit_code = 1, .err = "dpkg-query: no packages found matching " + argv.back() + "\n"};
      result.out = std::string(held_.contains(argv.back()) ? "hold" : "install") +
                   (gone_.contains(argv.back()) ? " config-files 1.2.3-1 1\n" : " installed 1.2.3-1 1\n");
    } else {
      called_.push_back(argv[1] + " " + argv[2]);
      if (dpkg_fails_ && gone_.contains(argv[2]))
        return sdk::ProcessResult{.exit_code = 100, .err = "E: Unable to locate package " + argv[2] + "\nE: No packages found\n"};
      if (apt_mark_fails_) return sdk::ProcessResult{.exit_code = 100, .err = "E: Could not get lock\n"};
      if (argv[1] == "hold") held_.insert(argv[2]);
      if (argv[1] == "unhold") held_.erase(argv[2]);
    }
    return result;
  }

  template <typename Verb>
  std::string outcome(Verb verb) {
    return RootWorld::outcome([this](const sdk::ProcessRequest& request) { return run(request.argv); }, verb);
  }
  // Filling the store is another test's.
  std::string do_enable(EnableOptions options = {.store = false}) {
    return outcome([&](Outside& outside) { return enable(outside, "demo", options); });
  }
  std::string do_disable() {
    return outcome([](Outside& outside) { return disable(outside, "demo"); });
  }
  std::string do_hold() {
    return outcome([](Outside& outside) { return hold(outside, "demo"); });
  }

  std::string sources_ = "https://packages.example.com/\n";
  std::string polkit_ = "pkaction version 122\n";
  std::string backend_;  // of PackageKit; empty: it does not answer
  std::set<std::string> held_, gone_;
  bool apt_mark_fails_ = false, dpkg_fails_ = false;
  std::vector<std::string> called_;
};

inline const std::string kRule = "/etc/polkit-1/rules.d/50-upkeep-demo.rules";
inline const std::string kHold = "/var/lib/upkeep-root/holds/demo";
inline const std::string kEnabled = "/var/lib/upkeep-root/enabled/demo";

}  // namespace upkeep::root
