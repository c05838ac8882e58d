// SPDX-License-Identifier: Apache-2.0
// What only the packages themselves tell, right before they are installed: they are downloaded for that, by the very call that would
// install them, and what installs them afterwards takes these files.
#include <algorithm>

#include "sdk/text.h"
#include "shared/packages/installer.h"
#include "shared/packages/tool.h"

namespace upkeep::shared::packages {

using sdk::Errc;

namespace {

constexpr std::size_t kHexDigits = 64;

// What sha256sum says of a file: the digest, behind a backslash when the file's name has one.
std::string digest_in(std::string_view said) {
  if (said.starts_with('\\')) said.remove_prefix(1);
  const std::string_view digest = said.substr(0, said.find(' '));
  const auto is_hex = [](char c) { return sdk::is_digit(c) || (c >= 'a' && c <= 'f'); };
  return digest.size() == kHexDigits && std::all_of(digest.begin(), digest.end(), is_hex) ? std::string(digest) : "";
}

}  // namespace

sdk::Task<sdk::Result<sdk::Plan>> PackageInstaller::judge(const Step& step, const PackageSet& before, const Order& wanted) {
  auto plan = co_await dry_run(step, before, wanted);
  if (!plan || (!manager().has_vendors && step.files.empty())) co_return plan;
  auto asked = wanted;
  const auto report = co_await driver_->download(std::move(asked), true);
  if (!report) co_return sdk::fail("download", report.error());
  if (report->failure) co_return sdk::fail("download", loudly(*report->failure));
  auto files = step.files;
  auto items = plan->items;  // what else comes along is of the release as well: whoever writes the index can add to it
  if (const auto good = co_await judge_files(std::move(files), std::move(items)); !good) {
    host_.log(sdk::LogLevel::error, good.error().message);
    co_return sdk::fail(good.error());
  }
  if (!manager().has_vendors) co_return plan;
  if (const auto good = co_await judge_vendors(before, wanted); !good) co_return sdk::fail(good.error());
  co_return plan;
}

// PackageKit's backends change the vendor of what they are asked for by its exact version, whatever the administrator's rules are, and only
// the package itself tells of it.
sdk::Task<sdk::Result<void>> PackageInstaller::judge_vendors(const PackageSet& before, Order wanted) {
  for (const auto& one : wanted.packages) {
    const auto& old = one.name == before.name ? before.state : before.companions.at(one.name);
    auto name = one.name, version = one.version;
    const auto young = co_await database_->vendor_of_download(std::move(name), std::move(version));
    if (!young) co_return sdk::fail("asking of which vendor " + one.name + " " + one.version + " is", young.error());
    if (young->empty())
      host_.log(sdk::LogLevel::info, "of which vendor " + one.name + " " + one.version + " is was not asked: its file is not found");
    if (young->empty() || old.vendor.empty() || *young == old.vendor) continue;
    co_return sdk::fail(Errc::denied, one.name + " " + one.version + " is of the vendor " + sdk::quoted(*young) +
                                          ", and what is installed of " + sdk::quoted(old.vendor) +
                                          ": Upkeep does not change a vendor; install it by hand once if that is meant");
  }
  co_return sdk::Result<void>();
}

sdk::Task<sdk::Result<void>> PackageInstaller::judge_files(std::map<std::string, std::string> files, std::vector<sdk::PlanItem> items) {
  if (files.empty()) co_return sdk::Result<void>();
  for (const auto& item : items) {
    if (item.to.empty()) continue;
    const std::string which = item.package + " " + item.to;
    const auto found = database_->find_downloads(item.package, item.to);
    if (!found)
      co_return sdk::fail(Errc::denied, "the release says which files it is made of, and that of " + which +
                                            " is not found, so it cannot be compared: " + found.error().message);
    // Which of several is installed is for the index to say, and that is what is not believed: each of them.
    for (const auto& file : *found) {
      auto argv = sdk::words({"/usr/bin/sha256sum", "--", file});
      const auto said = co_await run_tool(host_, std::move(argv), 0);
      if (!said) co_return sdk::fail("comparing " + file, said.error());
      const std::string digest = digest_in(*said);
      if (digest.empty()) co_return sdk::fail(Errc::internal, "sha256sum says of " + file + ": " + sdk::quoted(*said));
      if (std::any_of(files.begin(), files.end(), [&](const auto& listed) { return listed.second == digest; })) continue;
      co_return sdk::fail(Errc::denied,
                          which + " is not what was released: " + file + " has the sha256 " + digest +
                              ", which is none of those that the channel names; a file that only lies there is to be removed");
    }
  }
  co_return sdk::Result<void>();
}

}  // namespace upkeep::shared::packages
