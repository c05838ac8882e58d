// SPDX-License-Identifier: Apache-2.0
#include "root/store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "io/durable.h"
#include "root/copy.h"
#include "sdk/kept.h"
#include "sdk/root_helper.h"
#include "sdk/text.h"
#include "sdk/version.h"

namespace upkeep::root {
namespace {

namespace fs = std::filesystem;
using sdk::Errc;
using sdk::Kept;
using sdk::Result;

constexpr int kLockTries = 30;
// What the host does after its own `apt-get update` is not about these lists, and may fail in the unit's sandbox.
constexpr const char* kNoHooks =
    "#clear APT::Update::Pre-Invoke;\n#clear APT::Update::Post-Invoke;\n#clear APT::Update::Post-Invoke-Success;\n";

std::string folder_of(const std::string& agent) { return std::string(sdk::kStoreFolder) + agent; }

Result<std::vector<Kept>> read(Outside& outside, const std::string& path) {
  return outside.files.read(path, sdk::kMostOfKept).and_then([](const std::string& text) { return sdk::parse_kept(text); });
}

// What is kept, and before that what an earlier run was about to say so of. A copy that is not whole any more is none.
std::vector<Kept> whole_copies(Outside& outside, const std::string& folder) {
  for (const char* name : {"/next", "/kept"}) {
    auto copies = read(outside, folder + name);
    if (!copies) continue;
    std::erase_if(*copies, [&](const Kept& copy) {
      const auto whole = is_whole(outside, folder, copy);
      if (!whole) outside.out << "the copy of " << copy.version << " is not whole: " << whole.error().message << "\n";
      return !whole;
    });
    if (!copies->empty()) return *copies;
  }
  return {};
}

Result<std::string> installed_version(Outside& outside, const std::string& package) {
  const auto text = run(outside, {"/usr/bin/dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}\n", package});
  if (!text) return text;
  for (std::string_view rest = *text; !rest.empty();) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const auto blank = line.find(' ');
    if (blank == std::string_view::npos || line.substr(0, blank) != "installed") continue;
    if (sdk::is_package_version(line.substr(blank + 1))) return std::string(line.substr(blank + 1));
  }
  return sdk::fail(Errc::unsupported, package + " is not installed");
}

Result<std::string> sources_of(Outside& outside, const std::string& folder, const std::vector<Kept>& copies) {
  std::string out = "# Written by upkeep-root: frozen copies for going back. Changes are lost.\n";
  for (const auto& copy : copies) {
    const auto text = outside.files.read(folder + "/" + copy.folder + "/source", 256 * 1024);
    if (!text) return text;
    out += "\n" + *text;
  }
  return out;
}

// Reads the lists of the copies alone, without a network, and leaves every other list as it is.
Result<void> let_apt_read(Outside& outside, const std::string& agent) {
  Result<std::string> done;
  for (int tries = 0; tries < kLockTries; ++tries) {
    if (tries > 0) ::usleep(500'000);
    done = run(outside, {"/usr/bin/apt-get", "update", "-c", outside.base + folder_of(agent) + kAptConf, "-o",
                         "Dir::Etc::sourcelist=" + store_link(agent), "-o", "Dir::Etc::sourceparts=-", "-o", "APT::Get::List-Cleanup=false",
                         "-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache=", "-o", "APT::Update::Error-Mode=any", "-o",
                         "APT::Sandbox::User=_apt"});
    if (done || done.error().message.find("lock") == std::string::npos) break;
  }
  if (!done) return sdk::fail("letting apt read the copy", done.error());
  // For everybody's speed; it says no while dpkg works, and the next apt makes them anyway.
  static_cast<void>(run(outside, {"/usr/bin/apt-cache", "gencaches"}));
  return {};
}

// One at a time: a run of the unit, one of an administrator's `enable`, and what takes the store away.
Result<io::Fd> lock(Outside& outside, const std::string& folder) {
  io::Fd fd(::open((outside.base + folder + "/lock").c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd || ::flock(fd.get(), LOCK_EX) != 0) return sdk::fail(io::errno_error("cannot lock " + folder, errno));
  return fd;
}

// Everything that has no name in `copies` goes, whoever left it.
void prune(Outside& outside, const std::string& folder, const std::vector<Kept>& copies) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(outside.base + folder, ignored)) {
    const std::string name = entry.path().filename();
    const bool kept = std::any_of(copies.begin(), copies.end(), [&](const Kept& copy) { return copy.folder == name; });
    const bool ours = name == "work" || std::all_of(name.begin(), name.end(), sdk::is_digit);
    if (!kept && ours) fs::remove_all(entry.path(), ignored);
  }
}

Result<void> publish(Outside& outside, const std::string& agent, const std::vector<Kept>& copies) {
  const std::string folder = folder_of(agent), next = outside.base + folder + "/next";
  const auto sources = sources_of(outside, folder, copies);
  if (!sources) return sdk::fail(sources.error());
  return io::write_atomic(next, sdk::kept_text(copies), 0644)
      .and_then([&] { return io::write_atomic(outside.base + folder + "/apt.sources", *sources, 0644); })
      .and_then([&] { return let_apt_read(outside, agent); })
      .and_then([&] { return io::rename_durable(next, outside.base + folder + "/kept"); })
      .map([&] { prune(outside, folder, copies); });
}

// A number that no copy has or had while another run may still be read.
std::string free_folder(Outside& outside, const std::string& folder) {
  std::error_code ignored;
  std::uint64_t last = 0;
  for (const auto& entry : fs::directory_iterator(outside.base + folder, ignored))
    last = std::max(last, sdk::parse_number(entry.path().filename().string()).value_or(0));
  return std::to_string(last % 999'999'999 + 1);
}

Result<void> fill(Outside& outside, const Grant& grant) {
  const std::string folder = folder_of(grant.agent);
  const auto version = installed_version(outside, grant.package);
  if (!version) return sdk::fail(version.error());
  auto copies = whole_copies(outside, folder);
  const auto has = std::find_if(copies.begin(), copies.end(), [&](const Kept& copy) { return copy.version == *version; });
  if (has != copies.end()) {
    std::rotate(copies.begin(), has, has + 1);
  } else {
    auto made = make_copy(outside, folder, free_folder(outside, folder), grant.package, *version);
    if (!made) return sdk::fail(made.error());
    copies.insert(copies.begin(), std::move(*made));
  }
  if (copies.size() > 2) copies.resize(2);
  const auto before = read(outside, folder + "/kept");
  if (before && *before == copies && !outside.files.exists(folder + "/next")) {
    prune(outside, folder, copies);
    outside.out << "kept already: " << grant.package << " " << *version << "\n";
    return {};
  }
  auto done = publish(outside, grant.agent, copies);
  if (done) outside.out << "keeps " << grant.package << " " << *version << " in " << folder << "\n";
  return done;
}

}  // namespace

std::string store_link(const std::string& agent) { return "/etc/apt/sources.list.d/upkeep-store-" + agent + ".sources"; }
std::string pin_path(const std::string& agent) { return "/etc/apt/preferences.d/upkeep-store-" + agent + ".pref"; }

// Below 100, which is what is installed: nothing ever comes from a copy by itself.
std::string pin_text() {
  return "# Written by `upkeep enable`: nothing comes from a frozen copy by itself.\nPackage: *\nPin: origin \"\"\nPin-Priority: 50\n";
}

Result<void> open_store(Outside& outside, const std::string& agent) {
  const std::string sources = folder_of(agent) + "/apt.sources", link = outside.base + store_link(agent);
  if (auto pinned = write(outside, pin_path(agent), pin_text()); !pinned) return pinned;  // before apt can see anything
  if (!outside.files.exists(sources))
    if (auto written = write(outside, sources, "# No copy is kept yet.\n"); !written) return written;
  std::error_code error;
  fs::permissions(outside.base + folder_of(agent), fs::perms(0755), error);
  fs::create_directories(fs::path(link).parent_path(), error);
  if (fs::read_symlink(link, error) == sources) return {};
  fs::remove(link, error);
  fs::create_symlink(sources, link, error);
  if (error) return sdk::fail(io::errno_error("cannot make " + store_link(agent), error.value()));
  outside.out << "wrote " << store_link(agent) << "\n";
  return {};
}

Result<void> drop_store(Outside& outside, const std::string& agent) {
  std::error_code error;
  Result<io::Fd> locked = io::Fd();
  if (outside.files.exists(folder_of(agent) + "/apt.sources")) {
    // A run of the unit is ended rather than waited for: it may take an hour. Without systemd there is none.
    static_cast<void>(run(outside, {"/usr/bin/systemctl", "stop", sdk::root_unit(sdk::RootHelper::store, agent)}));
    locked = lock(outside, folder_of(agent));
    if (!locked) return sdk::fail(locked.error());
  }
  std::string prefix = "_var_lib_upkeep-store_";  // how apt calls its lists of the copies
  for (const char c : agent) prefix += c == '_' ? std::string("%5f") : std::string(1, c);
  for (const auto& entry : fs::directory_iterator(outside.base + "/var/lib/apt/lists", error))
    if (entry.path().filename().string().starts_with(prefix + "_")) fs::remove(entry.path(), error);
  return remove(outside, store_link(agent))
      .and_then([&]() -> Result<void> {
        if (fs::remove_all(outside.base + folder_of(agent), error) > 0) outside.out << "removed " << folder_of(agent) << "\n";
        if (error) return sdk::fail(io::errno_error("cannot remove " + folder_of(agent), error.value()));
        return {};
      })
      .and_then([&] { return remove(outside, pin_path(agent)); });
}

Result<void> fill_store(Outside& outside, const Grant& grant) {
  const std::string folder = folder_of(grant.agent), problem = outside.base + folder + "/problem";
  const auto none = sdk::fail(Errc::unsupported, "no store was made for it: `upkeep enable` does");
  if (!outside.files.exists(folder + "/apt.sources")) return none;
  const auto locked = lock(outside, folder);
  if (!locked) return sdk::fail(locked.error());
  if (!outside.files.exists(folder + "/apt.sources")) return none;  // taken away while this waited
  Result<void> done;
  if (!outside.files.exists(folder + kAptConf)) done = io::write_atomic(outside.base + folder + kAptConf, kNoHooks, 0644);
  if (done) done = fill(outside, grant);
  std::error_code ignored;
  fs::remove_all(outside.base + folder + "/work", ignored);
  if (done) return io::remove_durable(problem);
  static_cast<void>(io::write_atomic(problem, done.error().message.substr(0, 1000) + "\n", 0644));
  return done;
}

}  // namespace upkeep::root
