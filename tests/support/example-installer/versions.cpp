// SPDX-License-Identifier: Apache-2.0
// An installer for agents that come as an archive, and live side by side with their former versions:
//
//   [installer]
//   use = "versions"
//   prefix = "/opt/demo"                              # versions/1.2.3/… and the link current
//   archive = "/srv/releases/demo-{version}.tar.gz"   # unpacked when the version is not there yet
//   restart = "demo.service"                          # runs /opt/demo/current/…
//
// Upgrading is a change of the link, going back is another one.

#include <algorithm>
#include <array>

#include "sdk/plugin.h"
#include "sdk/restart.h"
#include "sdk/text.h"
#include "tree.h"

namespace versions {
namespace {

using sdk::Errc;
using sdk::fail;
using sdk::Result;
using sdk::Task;
using namespace std::chrono_literals;

constexpr std::string_view kHole = "{version}";

constexpr auto kKeys = std::to_array<sdk::KeySpec>({
    {.name = "prefix",
     .required = true,
     .help = "absolute path of the agent's folder, which has versions/ and the link current",
     .subject = true},
    {.name = "archive",
     .required = true,
     .help = "absolute path of a version's tar archive, with {version} where the version stands in its name"},
    {.name = "keep", .type = sdk::KeyType::integer, .fallback = "2", .help = "lower versions that stay unpacked, 1 to 100"},
    {.name = "deadline", .type = sdk::KeyType::duration, .fallback = "10m", .help = "longest time for unpacking, or for one restart"},
    sdk::kRestartKey,
    sdk::kRestartHowKey,
});

// A path that is written as it is used: no "..", no "//", no slash at its end.
bool is_plain_path(std::string_view path) {
  if (!path.starts_with('/') || path.size() > 1024) return false;
  const auto parts = sdk::split(path.substr(1), '/');
  return std::none_of(parts.begin(), parts.end(), [](std::string_view part) { return part.empty() || part == "." || part == ".."; });
}

std::vector<sdk::ConfigIssue> check(const sdk::Config& config) {
  auto issues = sdk::check_restart(config);
  const auto say = [&](const char* key, std::string message) { issues.push_back({config.find(key)->place(), key, std::move(message)}); };
  if (!is_plain_path(config.text("prefix"))) say("prefix", "must be an absolute path without \"..\" and without a slash at its end");
  const std::string archive = config.text("archive");
  const auto hole = archive.find(kHole);
  if (!is_plain_path(archive) || hole == std::string::npos || archive.find(kHole, hole + 1) != std::string::npos)
    say("archive", "must be an absolute path with {version} in it once");
  if (const auto keep = config.integer("keep", 2); keep < 1 || keep > 100) say("keep", "must be from 1 to 100");
  if (config.duration("deadline", 10min) < 1s) say("deadline", "must be at least 1s");
  return issues;
}

class Versions final : public sdk::Installer {
 public:
  Versions(sdk::Host& host, const sdk::Config& config)
      : host_(host),
        most_(config.duration("deadline", 10min)),
        restart_(sdk::read_restart(config)),
        keep_(static_cast<std::size_t>(config.integer("keep", 2))),
        tree_(host, config.text("prefix"), config.text("archive"), most_) {}

  Task<Result<sdk::Installed>> inspect(const sdk::Version* target) override {
    const auto now = co_await tree_.current();
    if (!now) co_return fail(now.error());
    const auto there = tree_.list();
    if (!there) co_return fail(there.error());
    sdk::Installed out;
    if (const auto missing = missing_right(); !missing.empty()) out.warnings.push_back(missing);
    if (now->empty()) {
      out.way_back.text = tree_.prefix() + "/current does not exist";
      co_return out;
    }
    out.version = *now;
    out.release = sdk::release_of(*now);
    const bool whole = tree_.has(*now);
    if (!whole) out.warnings.push_back(tree_.prefix() + "/current points to " + *now + ", which is not there");
    out.matches_target = whole && target != nullptr && sdk::accepts("", *target, *now);
    if (whole) out.way_back = {sdk::WayBackHow::store, tree_.folder_of(*now) + " stays where it is"};
    if (!whole) out.way_back.text = tree_.folder_of(*now) + " is not there any more";
    for (const auto& version : lower(*there, *now)) out.former.push_back(version.str());
    co_return out;
  }

  // Without the rights an upgrade would fail half-way, after the link was changed: so they are asked for here.
  Task<Result<sdk::Plan>> prepare(const sdk::Change& change) override {
    const std::string to = change.to.empty() && change.target ? change.target->str() : change.to;
    if (!is_folder_name(to)) co_return fail(Errc::invalid, sdk::quoted(to) + " is no version that could be a folder's name");
    if (const auto missing = missing_right(); !missing.empty()) co_return fail(Errc::denied, missing);
    if (auto may = co_await tree_.may_write(); !may) co_return fail(may.error());
    if (!tree_.has(to)) {
      if (!tree_.has_archive(to))
        co_return fail(Errc::invalid, "neither " + tree_.folder_of(to) + " nor " + tree_.archive_of(to) + " is there");
      if (auto good = co_await tree_.test_archive(to); !good) co_return fail(good.error());
    }
    sdk::Plan plan;
    plan.to = to;
    plan.items.push_back({tree_.prefix(), change.from, to});
    co_return plan;
  }

  Task<Result<void>> fetch(const sdk::Change& change) override { co_return co_await tree_.unpack(change.to); }

  Task<Result<void>> apply(const sdk::Change& change, sdk::Note& /*note*/, const std::string& /*last_note*/) override {
    if (auto unpacked = co_await tree_.unpack(change.to); !unpacked) co_return unpacked;
    co_return co_await tree_.switch_to(change.to);
  }

  Task<Result<void>> activate(const sdk::Change& /*change*/) override { co_return co_await sdk::restart(host_, restart_, most_); }

  // Nothing of ours outlives the daemon: systemd ends what a service has started with it. So there is nothing to wait for.
  Task<Result<sdk::Verified>> verify(const sdk::Change& change, const std::string& /*last_note*/) override {
    const auto now = co_await tree_.current();
    if (!now) co_return fail(now.error());
    sdk::Verified out;
    out.version = *now;
    if (!now->empty() && !tree_.has(*now)) {
      out.standing = sdk::Standing::broken;
      out.detail = tree_.folder_of(*now) + " is not there";
    } else if (*now == change.to) {
      out.standing = sdk::Standing::target;
    } else {
      out.standing = *now == change.from ? sdk::Standing::baseline : sdk::Standing::elsewhere;
    }
    co_return out;
  }

  Task<Result<void>> revert(const sdk::Change& change, sdk::Note& /*note*/, const std::string& /*last_note*/) override {
    if (change.from.empty())
      co_return fail(Errc::unsupported, "there was no version before: `sudo rm " + tree_.prefix() + "/current` once nothing runs from it");
    if (auto there = co_await tree_.unpack(change.from); !there) co_return there;
    if (auto back = co_await tree_.switch_to(change.from); !back) co_return back;
    co_return co_await sdk::restart_after_revert(host_, restart_, most_);
  }

  // Removes what nobody would go back to, as far as it could be unpacked again.
  Task<Result<void>> keep() override {
    const auto now = co_await tree_.current();
    const auto there = tree_.list();
    if (!now || !there) co_return fail(now ? there.error() : now.error());
    if (now->empty()) co_return Result<void>();
    auto kept = lower(*there, *now);
    kept.resize(std::min(kept.size(), keep_));
    for (const auto& version : *there) {
      const bool stays = version == *now || !tree_.has_archive(version) ||
                         std::any_of(kept.begin(), kept.end(), [&](const auto& one) { return one.str() == version; });
      if (stays) continue;
      if (auto removed = co_await tree_.remove(version); !removed) co_return removed;
    }
    co_return co_await tree_.remove_unfinished();
  }

  // A name beside the link, so that its folder alone is watched, not all that is below it.
  Task<Result<void>> changed() override {
    if (!watch_) {
      auto watch = host_.files().watch(tree_.prefix() + "/current.new");
      if (watch) watch_ = std::move(*watch);
    }
    if (watch_) {
      auto woken = co_await watch_->next();
      if (woken) co_return woken;
      watch_.reset();
    }
    co_await host_.clock().sleep_for(5min);
    co_return Result<void>();
  }

  [[nodiscard]] std::vector<sdk::Advice> advice(const sdk::Change& change) const override {
    std::vector<sdk::Advice> out;
    const auto link = [&](const std::string& version, const char* text) {
      const std::string restart = restart_.unit.empty() ? "" : " && sudo systemctl restart " + restart_.unit;
      out.push_back({"sudo ln -sfn versions/" + version + " " + tree_.prefix() + "/current" + restart, text});
    };
    if (!change.from.empty()) link(change.from, "back to the former version by hand");
    if (!change.to.empty()) link(change.to, "or to the new one after all");
    return out;
  }

 private:
  // For people; empty: there is none missing, or nothing to restart.
  [[nodiscard]] std::string missing_right() const {
    if (!restart_.how || host_.files().exists(sdk::enabled_file(host_.agent()))) return "";
    return "not enabled yet: `sudo upkeep enable " + host_.agent() + "` allows restarting " + restart_.unit;
  }

  // Those below a version, the highest first.
  static std::vector<sdk::Version> lower(const std::vector<std::string>& versions, const std::string& than) {
    std::vector<sdk::Version> out;
    const auto bound = sdk::Version::parse(than);
    for (const auto& text : versions) {
      const auto version = sdk::Version::parse(text);
      if (bound && version && *version < *bound) out.push_back(*version);
    }
    std::sort(out.begin(), out.end(), [](const sdk::Version& a, const sdk::Version& b) { return b < a; });
    return out;
  }

  sdk::Host& host_;
  const sdk::Millis most_;
  const sdk::Restart restart_;
  const std::size_t keep_;
  Tree tree_;
  std::unique_ptr<sdk::Watch> watch_;  // kept, so that what happens between two calls of changed() counts
};

Result<std::unique_ptr<sdk::Installer>> make(sdk::Host& host, const sdk::Config& config) {
  return std::make_unique<Versions>(host, config);
}

}  // namespace
}  // namespace versions

extern "C" const upkeep::sdk::Descriptor upkeep_plugin = {.name = "versions",
                                                          .version = "1.0.0",
                                                          .summary = "versions side by side in a folder, and a link to the one that counts",
                                                          .keys = versions::kKeys,
                                                          .check = &versions::check,
                                                          .make = &versions::make};
