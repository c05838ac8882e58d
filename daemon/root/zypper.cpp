// SPDX-License-Identifier: Apache-2.0
// zypper. It has no hold that would keep others away and let Upkeep through: its locks are libzypp's, which PackageKit obeys too.
#include <map>

#include "root/copy_parts.h"
#include "root/rpm_copy.h"
#include "sdk/kept.h"
#include "sdk/text.h"

namespace upkeep::root {
namespace {

using sdk::Result;

constexpr std::size_t kMostStoreSource = std::size_t{256} * 1024;

// Without the lock that packagekitd may have: nothing that is installed is changed here.
const std::map<std::string, std::string> kNoLock = {{"ZYPP_READONLY_HACK", "1"}, {"ZYPP_LOGFILE", "/dev/null"}};

Result<std::string> zypper_says(Outside& outside, std::vector<std::string> words, sdk::Millis deadline) {
  words.insert(words.begin(), {"/usr/bin/zypper", "--non-interactive"});
  return run(outside, std::move(words), deadline, kNoLock);
}

// name="VALUE" in a line of XML.
std::string attribute(std::string_view line, const std::string& name) {
  const auto at = line.find(" " + name + "=\"");
  const auto begin = at + name.size() + 3;
  const auto end = at == std::string_view::npos ? at : line.find('"', begin);
  return end == std::string_view::npos ? "" : std::string(line.substr(begin, end - begin));
}

std::string zypper_origin(Outside& outside, const Package& package, const std::string& /*work*/) {
  sdk::ProcessRequest request(
      {"/usr/bin/zypper", "--non-interactive", "--xmlout", "--no-refresh", "search", "-s", "--match-exact", package.name});
  request.environment = kNoLock;
  const auto done = outside.run(std::move(request));
  // Whatever its exit status is: that of a repository which was never read is not that of this one.
  for (const auto& line : sdk::lines_of(done ? done->out : ""))
    if (attribute(line, "name") == package.name && attribute(line, "edition") == package.version)
      if (const auto repository = attribute(line, "repository");
          !repository.starts_with("upkeep-store-") && !repository.starts_with('(') && !repository.empty())
        return repository;
  return "";
}

Result<std::string> zypper_download(Outside& outside, const std::string& work, const std::string& package, const Instance& wanted) {
  const std::string below = outside.base + work;
  // Its exit status says little: what counts is whether the file is there.
  const std::vector<std::string> own = {"--reposd-dir",   below + "/repos",  "--cache-dir",
                                        below + "/cache", "--pkg-cache-dir", below + "/download"};
  auto refresh = own, download = own;
  refresh.emplace_back("refresh");
  download.insert(download.end(), {"--no-refresh", "download", package + "=" + wanted.version});
  return zypper_says(outside, std::move(refresh), kPatience).and_then([&](const std::string&) {
    return zypper_says(outside, std::move(download), kPatience);
  });
}

const RpmTool kZypper = {"/etc/zypp/repos.d", false, &zypper_origin, &zypper_download};

std::string zypper_doubts(Outside& outside, const std::vector<Package>& packages) {
  std::string out;
  for (const auto& one : unverified_origins(outside, kZypper, "zypper", packages)) {
    if (one.index_is_verified)
      out += "note: of " + one.id + " the index is verified, and not the packages themselves (pkg_gpgcheck=1 in " + one.file +
             " does that too)\n";
    else
      out += "WARNING: nothing of " + one.id + " is verified (gpgcheck in " + one.file +
             "): whoever can change what it serves becomes root on this host\n";
  }
  return out;
}

// A repository that has not been read is not there for PackageKit: those of the copies are read, and no other is asked.
Result<void> read_by_zypper(Outside& outside, const std::string& agent) {
  const std::string source = std::string(sdk::kStoreFolder) + agent + "/zypper.repo";
  const auto text = outside.files.read(source, kMostStoreSource);
  if (!text) return sdk::fail(text.error());
  std::vector<std::string> ids;
  for (const auto& section : sections_of(*text, source)) {
    ids.push_back(section.id);
    if (const auto done = zypper_says(outside, {"refresh", section.id}, kPatience); !done)
      return sdk::fail("letting zypper read the copy", done.error());
  }
  for (const char* cache : {"raw", "solv", "packages"}) forget_caches(outside, std::string("/var/cache/zypp/") + cache, agent, ids);
  end_packagekit(outside);
  return {};
}

void forget_by_zypper(Outside& outside, const std::string& agent) {
  for (const char* cache : {"raw", "solv", "packages"}) forget_caches(outside, std::string("/var/cache/zypp/") + cache, agent);
}

}  // namespace

PackageManager zypper() {
  return {
      .installer = "zypper",
      .repair = &repair_rpm,
      .no_hold =
          [](Outside&) {
            return Result<std::string>(
                "zypper's locks keep Upkeep away as well, so there is none: `zypper update` and automatic updates can move the package");
          },
      .set_hold = [](Outside&, const std::string&, bool) { return Result<void>(); },
      .look = &look_at_rpm,
      .left_overs = {".rpmnew", ".rpmsave", ".rpmorig"},
      .source = "zypper.repo",
      .source_link = [](const std::string& agent) { return "/etc/zypp/repos.d/upkeep-store-" + agent + ".repo"; },
      .no_store = [](Outside& outside) { return no_rpm_store(outside, kZypper); },
      .doubts = &zypper_doubts,
      .make_copy = [](Outside& outside, const std::string& folder, const std::string& name,
                      const std::vector<Package>& packages) { return make_rpm_copy(outside, kZypper, folder, name, packages); },
      .read_copies = &read_by_zypper,
      .forget_copies = &forget_by_zypper};
}

}  // namespace upkeep::root
