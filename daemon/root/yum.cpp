// SPDX-License-Identifier: Apache-2.0
// yum, which is dnf by now: holds are lines of its plugin versionlock. PackageKit does not look at them, so they are for everybody else.
#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "io/durable.h"
#include "root/copy_parts.h"
#include "root/rpm_copy.h"
#include "sdk/kept.h"
#include "sdk/text.h"

namespace upkeep::root {
namespace {

using sdk::Result;

const std::string kPlugins = "/etc/dnf/plugins", kLocks = kPlugins + "/versionlock.list";
constexpr std::size_t kMostConf = std::size_t{256} * 1024;

// Of an ini file with one section; empty: not there.
std::string setting(Outside& outside, const std::string& file, std::string_view key) {
  const auto text = outside.files.read(file, kMostConf);
  if (!text) return "";
  for (const auto& section : sections_of(*text, file))
    if (section.id == "main") return section.value(key);
  return "";
}

Result<std::string> no_yum_hold(Outside& outside) {
  const std::string without = ": without it `dnf upgrade` and dnf-automatic can move the package";
  const std::string conf = kPlugins + "/versionlock.conf", plugins = setting(outside, "/etc/dnf/dnf.conf", "plugins");
  if (!outside.files.exists(conf)) return "dnf's plugin versionlock is not installed (python3-dnf-plugin-versionlock has it)" + without;
  const auto text = outside.files.read(conf, kMostConf);
  if (!text) return sdk::fail(text.error());
  if (!is_on(setting(outside, conf, "enabled")) || (!plugins.empty() && !is_on(plugins)))
    return "dnf's plugin versionlock is switched off (" + conf + ", /etc/dnf/dnf.conf)" + without;
  const auto list = setting(outside, conf, "locklist");
  if (list != kLocks) return "dnf's plugin versionlock reads " + sdk::quoted(list, 120) + " in place of " + kLocks + without;
  return std::string();
}

Result<std::string> locks(Outside& outside) {
  if (!outside.files.exists(kLocks)) return std::string();
  return outside.files.read(kLocks, kMostConf);
}

// The name in [!][EPOCH:]NAME-[EPOCH:]VERSION-RELEASE[.ARCH], or all of it.
bool locks_it(std::string_view line, const std::string& package) {
  line = sdk::trimmed(line);
  if (line.starts_with('!')) line.remove_prefix(1);
  if (line == package) return true;
  const auto colon = line.find(':');
  if (colon != std::string_view::npos && std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(colon), sdk::is_digit))
    line.remove_prefix(colon + 1);
  const auto release = line.rfind('-');
  const auto version = release == std::string_view::npos || release == 0 ? release : line.rfind('-', release - 1);
  return version != std::string_view::npos && line.substr(0, version) == package;
}

Result<Package> look_by_yum(Outside& outside, const std::string& package) {
  return look_at_rpm(outside, package).and_then([&](Package now) -> Result<Package> {
    const auto text = locks(outside);
    if (!text) return sdk::fail(text.error());
    for (const auto line : sdk::split(*text, '\n'))
      now.held = now.held || (!sdk::trimmed(line).starts_with('#') && locks_it(line, package));
    return now;
  });
}

// "!NAME" excludes every version but the installed one, so the line need not follow an upgrade. Others' lines stay as they are.
Result<void> set_lock(Outside& outside, const std::string& package, bool held) {
  if (!held && !outside.files.exists(kLocks)) return {};
  io::Fd folder(::open((outside.base + kPlugins).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder || ::flock(folder.get(), LOCK_EX) != 0) return sdk::fail(io::errno_error("cannot lock " + kPlugins, errno));
  const auto before = locks(outside);
  if (!before) return sdk::fail(before.error());
  const std::string line = "!" + package, why = "# Upkeep moves " + package + ", and nobody else; `upkeep disable` takes this away.";
  std::string after;
  for (const auto& one : sdk::lines_of(*before))
    if (one != line && one != why) after += one + "\n";
  if (held) after += why + "\n" + line + "\n";
  return io::write_atomic(outside.base + kLocks, after, 0644);
}

std::string yum_origin(Outside& outside, const Package& package, const std::string& work) {
  std::vector<std::string> argv = {"/usr/bin/dnf",         "repoquery",       "-q",          "-C",
                                   "--disableplugin=*",    "--disablerepo=*", "--installed", "--qf",
                                   "%{name} %{from_repo}", package.name};
  if (!work.empty())
    argv.insert(argv.end(), {"--setopt=logdir=" + outside.base + work, "--setopt=cachedir=" + outside.base + work + "/cache"});
  const auto said = run(outside, std::move(argv));
  if (!said) return "";
  for (const auto& line : sdk::lines_of(*said))
    if (line.starts_with(package.name + " ")) return std::string(sdk::trimmed(line.substr(package.name.size())));
  return "";
}

Result<std::string> yum_download(Outside& outside, const std::string& work, const std::string& package, const Instance& wanted) {
  const std::string below = outside.base + work;
  return run(
      outside,
      {"/usr/bin/dnf", "download", "-q", "-y", "--disableplugin=versionlock", "--setopt=reposdir=" + below + "/repos",
       "--setopt=cachedir=" + below + "/cache", "--setopt=persistdir=" + below + "/cache/persist", "--setopt=logdir=" + below + "/cache",
       "--setopt=retries=2", "--setopt=timeout=30", "--destdir=" + below + "/download", package + "-" + wanted.version + "." + wanted.arch},
      kPatience);
}

const RpmTool kYum = {"/etc/yum.repos.d", true, &yum_origin, &yum_download};

Result<std::string> no_yum_store(Outside& outside) {
  if (!run(outside, {"/usr/bin/dnf", "download", "--help"}))
    return std::string("dnf has no command `download`: install the package dnf-plugins-core");
  return no_rpm_store(outside, kYum);
}

std::string yum_doubts(Outside& outside, const std::vector<Package>& packages) {
  std::string out;
  for (const auto& one : unverified_origins(outside, kYum, "yum", packages))
    out += "WARNING: packages of " + one.id + " are not verified (gpgcheck in " + one.file +
           "): whoever can change what it serves becomes root on this host\n";
  return out;
}

Result<void> read_by_yum(Outside& outside, const std::string& /*agent*/) {
  end_packagekit(outside);  // what is read of a folder of this host is read when it is needed
  return {};
}

void forget_by_yum(Outside& outside, const std::string& agent) {
  forget_caches(outside, "/var/cache/dnf", agent);
  std::error_code ignored;
  for (const auto& release : std::filesystem::directory_iterator(outside.base + "/var/cache/PackageKit", ignored))
    forget_caches(outside, "/var/cache/PackageKit/" + release.path().filename().string() + "/metadata", agent);
}

}  // namespace

PackageManager yum() {
  return {.installer = "yum",
          .hold = "dnf versionlock",
          .unhold = "dnf versionlock delete",
          .repair = &repair_rpm,
          .no_hold = &no_yum_hold,
          .set_hold = &set_lock,
          .look = &look_by_yum,
          .left_overs = {".rpmnew", ".rpmsave", ".rpmorig"},
          .source = "yum.repo",
          .source_link = [](const std::string& agent) { return "/etc/yum.repos.d/upkeep-store-" + agent + ".repo"; },
          .no_store = &no_yum_store,
          .doubts = &yum_doubts,
          .make_copy = [](Outside& outside, const std::string& folder, const std::string& name,
                          const std::vector<Package>& packages) { return make_rpm_copy(outside, kYum, folder, name, packages); },
          .read_copies = &read_by_yum,
          .forget_copies = &forget_by_yum};
}

}  // namespace upkeep::root
