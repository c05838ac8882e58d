// SPDX-License-Identifier: Apache-2.0
// An installer that only says what is installed: for figures of a daemon with a thousand agents. A plugin like any other.

#include "sdk/plugin.h"

namespace {

using namespace upkeep;

class PretendInstaller final : public sdk::Installer {
 public:
  explicit PretendInstaller(std::string version) : version_(std::move(version)) {}

  sdk::Task<sdk::Result<sdk::Installed>> inspect(const sdk::Version* target) override {
    sdk::Installed out;
    out.version = version_;
    out.release = sdk::release_of(version_);
    out.matches_target = target != nullptr && sdk::accepts("", *target, version_);
    out.way_back = {sdk::WayBackHow::repository, "pretended"};
    co_return sdk::Result<sdk::Installed>(std::move(out));
  }
  sdk::Task<sdk::Result<sdk::Plan>> prepare(const sdk::Change& /*change*/) override { co_return changes_nothing(); }
  sdk::Task<sdk::Result<void>> apply(const sdk::Change& /*change*/, sdk::Note& /*note*/, const std::string& /*last*/) override {
    co_return changes_nothing();
  }
  sdk::Task<sdk::Result<void>> activate(const sdk::Change& /*change*/) override { co_return changes_nothing(); }
  sdk::Task<sdk::Result<sdk::Verified>> verify(const sdk::Change& /*change*/, const std::string& /*last*/) override {
    co_return changes_nothing();
  }
  sdk::Task<sdk::Result<void>> revert(const sdk::Change& /*change*/, sdk::Note& /*note*/, const std::string& /*last*/) override {
    co_return changes_nothing();
  }

 private:
  static tl::unexpected<sdk::Error> changes_nothing() { return sdk::fail(sdk::Errc::unsupported, "a pretended installer changes nothing"); }
  std::string version_;
};

sdk::Result<std::unique_ptr<sdk::Installer>> make(sdk::Host& /*host*/, const sdk::Config& config) {
  return std::make_unique<PretendInstaller>(config.text("version"));
}

constexpr sdk::KeySpec kKeys[] = {{.name = "version", .type = sdk::KeyType::text, .required = true, .help = "what it says is installed"}};

}  // namespace

extern "C" const sdk::Descriptor upkeep_plugin = {
    .name = "pretend", .summary = "for figures: changes nothing", .keys = kKeys, .make = &make};
