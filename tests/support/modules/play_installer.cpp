// SPDX-License-Identifier: Apache-2.0
// An installer of nothing, for tests that want a real daemon to live through whole operations: what is "installed" is a
// file in a folder below the state folder, and other files there let each verb fail or wait.
//
//   installed       the version                     fail-VERB   "CODE message": the verb fails so, as long as the file is there
//   hold-apply      apply waits while it is there   refuse      the installed version is held by "a test"
#include <algorithm>

#include "sdk/plugin.h"

namespace {

using namespace upkeep;
using sdk::Errc;
using sdk::Result;
using sdk::Task;

class PlayInstaller : public sdk::Installer {
 public:
  PlayInstaller(sdk::Host& host, std::string folder) : host_(host), folder_(std::move(folder)) {}

  Task<Result<sdk::Installed>> inspect(const sdk::Version* target) override {
    if (auto bad = trouble("inspect")) co_return sdk::fail(*bad);
    sdk::Installed out;
    out.version = word("installed");
    out.release = sdk::release_of(out.version);
    out.matches_target = target != nullptr && sdk::accepts("", *target, out.version);
    out.way_back = {sdk::WayBackHow::repository, "a file remembers every version"};
    if (host_.files().exists(folder_ + "/refuse")) out.held_by.emplace_back("a test");
    co_return Result<sdk::Installed>(std::move(out));
  }

  Task<Result<sdk::Plan>> prepare(const sdk::Change& change) override {
    if (auto bad = trouble("prepare")) co_return sdk::fail(*bad);
    sdk::Plan plan;
    plan.to = change.target->str() + "-1";
    plan.items.push_back({"play", change.from, plan.to});
    co_return Result<sdk::Plan>(std::move(plan));
  }

  Task<Result<void>> apply(const sdk::Change& change, sdk::Note& note, const std::string& /*last*/) override {
    std::string where = "playing";
    const auto noted = co_await note.write(std::move(where));
    if (!noted) co_return sdk::fail(noted.error());
    host_.progress({std::nullopt, "playing"});
    while (host_.files().exists(folder_ + "/hold-apply")) {
      const sdk::Millis pause(20);
      co_await host_.clock().sleep_for(pause);
    }
    host_.progress({50, "half played"});
    if (auto bad = trouble("apply")) co_return sdk::fail(*bad);
    co_return host_.files().write_atomic(folder_ + "/installed", change.to);
  }

  Task<Result<void>> activate(const sdk::Change& /*change*/) override {
    if (auto bad = trouble("activate")) co_return sdk::fail(*bad);
    co_return Result<void>();
  }

  Task<Result<sdk::Verified>> verify(const sdk::Change& change, const std::string& /*last*/) override {
    sdk::Verified out;
    out.version = word("installed");
    out.standing = out.version == change.to     ? sdk::Standing::target
                   : out.version == change.from ? sdk::Standing::baseline
                                                : sdk::Standing::elsewhere;
    co_return Result<sdk::Verified>(std::move(out));
  }

  Task<Result<void>> revert(const sdk::Change& change, sdk::Note& /*note*/, const std::string& /*last*/) override {
    if (auto bad = trouble("revert")) co_return sdk::fail(*bad);
    co_return host_.files().write_atomic(folder_ + "/installed", change.from);
  }

 private:
  std::string word(const std::string& file) {
    const auto bytes = host_.files().read(folder_ + "/" + file, 1024);
    if (!bytes) return "";
    return bytes->substr(0, bytes->find('\n'));
  }
  std::optional<sdk::Error> trouble(const std::string& verb) {
    const auto line = word("fail-" + verb);
    if (line.empty()) return std::nullopt;
    const auto space = std::min(line.find(' '), line.size());
    for (int code = 0; code <= static_cast<int>(Errc::internal); ++code)
      if (line.substr(0, space) == sdk::name(static_cast<Errc>(code))) return sdk::Error(static_cast<Errc>(code), line.substr(space));
    return sdk::Error(Errc::internal, line);
  }

  sdk::Host& host_;
  std::string folder_;
};

Result<std::unique_ptr<sdk::Installer>> make(sdk::Host& host, const sdk::Config& config) {
  return std::make_unique<PlayInstaller>(host, config.text("folder"));
}

constexpr sdk::KeySpec kKeys[] = {{.name = "folder", .required = true, .help = "below the state folder: play/web"}};

}  // namespace

extern "C" const sdk::Descriptor upkeep_plugin = {.name = "play", .summary = "installs nothing, for tests", .keys = kKeys, .make = &make};
