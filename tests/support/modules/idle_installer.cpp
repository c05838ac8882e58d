// SPDX-License-Identifier: Apache-2.0
// An installer for tests of what comes before it: the agent is at 1.0.0, and stays there.
#include "sdk/plugin.h"

namespace {

using namespace upkeep;

class IdleInstaller : public sdk::Installer {
 public:
  sdk::Task<sdk::Result<sdk::Installed>> inspect(const sdk::Version* target) override {
    sdk::Installed out;
    out.version = "1.0.0";
    out.release = sdk::release_of(out.version);
    out.matches_target = target != nullptr && *target == *out.release;
    out.way_back = {sdk::WayBackHow::repository, "it never left"};
    co_return out;
  }
  sdk::Task<sdk::Result<sdk::Plan>> prepare(const sdk::Change&) override { co_return refuse(); }
  sdk::Task<sdk::Result<void>> apply(const sdk::Change&, sdk::Note&, const std::string&) override { co_return refuse(); }
  sdk::Task<sdk::Result<void>> activate(const sdk::Change&) override { co_return refuse(); }
  sdk::Task<sdk::Result<sdk::Verified>> verify(const sdk::Change&, const std::string&) override { co_return refuse(); }
  sdk::Task<sdk::Result<void>> revert(const sdk::Change&, sdk::Note&, const std::string&) override { co_return refuse(); }

 private:
  static tl::unexpected<sdk::Error> refuse() { return sdk::fail(sdk::Errc::unsupported, "the idle installer installs nothing"); }
};

sdk::Result<std::unique_ptr<sdk::Installer>> make(sdk::Host&, const sdk::Config&) { return std::make_unique<IdleInstaller>(); }

}  // namespace

extern "C" const sdk::Descriptor upkeep_plugin = {.name = "idle", .summary = "for tests", .make = sdk::Factory<sdk::Installer>(&make)};
