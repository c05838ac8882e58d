// SPDX-License-Identifier: Apache-2.0
#include "root/store.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "io/durable.h"
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

std::string folder_of(const std::string& agent) { return std::string(sdk::kStoreFolder) + agent; }
std::string source_of(const PackageManager& manager, const std::string& agent) { return folder_of(agent) + "/" + manager.source; }

Result<std::vector<Kept>> read(Outside& outside, const std::string& path) {
  return outside.files.read(path, sdk::kMostOfKept).and_then([](const std::string& text) { return sdk::parse_kept(text); });
}

// Whether every file is there as it was recorded.
Result<void> is_whole(Outside& outside, const std::string& folder, const Kept& copy) {
  std::vector<std::string> argv = {"/usr/bin/sha256sum", "--"};
  for (const auto& file : copy.files) argv.push_back(outside.base + folder + "/" + copy.folder + "/" + file.path);
  const auto said = run(outside, std::move(argv), std::chrono::minutes(20));
  if (!said) return sdk::fail(said.error());
  for (std::size_t i = 0, begin = 0; i < copy.files.size(); ++i) {
    if (said->compare(begin, 64, copy.files[i].sha256) != 0) return sdk::fail(Errc::denied, copy.files[i].path + " has been changed");
    begin = std::min(said->find('\n', begin), said->size() - 1) + 1;
  }
  return {};
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

Result<std::string> sources_of(Outside& outside, const std::string& folder, const std::vector<Kept>& copies) {
  std::string out = "# Written by upkeep-root: frozen copies for going back. Changes are lost.\n";
  for (const auto& copy : copies) {
    const auto text = outside.files.read(folder + "/" + copy.folder + "/source", 256 * 1024);
    if (!text) return text;
    out += "\n" + *text;
  }
  return out;
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

Result<void> publish(Outside& outside, const Grant& grant, const std::vector<Kept>& copies) {
  const std::string folder = folder_of(grant.agent), next = outside.base + folder + "/next";
  const auto sources = sources_of(outside, folder, copies);
  if (!sources) return sdk::fail(sources.error());
  return io::write_atomic(next, sdk::kept_text(copies), 0644)
      .and_then([&] { return io::write_atomic(outside.base + source_of(*grant.manager, grant.agent), *sources, 0644); })
      .and_then([&] { return grant.manager->read_copies(outside, grant.agent); })
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

// Whether it has all that is installed, and nothing else.
bool is_of(const Kept& copy, const std::vector<Package>& packages) {
  const Package& agent = packages.front();
  return copy.version == agent.version && (copy.package.empty() || copy.package == agent.name) &&
         std::equal(copy.with.begin(), copy.with.end(), packages.begin() + 1, packages.end(),
                    [](const sdk::KeptPackage& kept, const Package& now) { return kept.name == now.name && kept.version == now.version; });
}

Result<void> fill(Outside& outside, const Grant& grant) {
  const std::string folder = folder_of(grant.agent);
  const auto now = look(outside, grant);
  if (!now) return sdk::fail(now.error());
  std::string what;
  for (const auto& package : *now) {
    if (!package.whole || !sdk::is_package_version(package.version))
      return sdk::fail(Errc::unsupported,
                       package.name + (package.there ? " is in the middle of a change (" + package.status + ")" : " is not installed"));
    what += (what.empty() ? "" : ", ") + package.name + " " + package.version;
  }
  auto copies = whole_copies(outside, folder);
  const auto has = std::find_if(copies.begin(), copies.end(), [&](const Kept& copy) { return is_of(copy, *now); });
  if (has != copies.end()) {
    std::rotate(copies.begin(), has, has + 1);
  } else {
    auto made = grant.manager->make_copy(outside, folder, free_folder(outside, folder), *now);
    if (!made) return sdk::fail(made.error());
    made->package = now->front().name;
    for (const auto& companion : *now)
      if (&companion != &now->front()) made->with.push_back({companion.name, companion.version});
    // Of one version one copy: that with other companions is of no use any more.
    std::erase_if(copies, [&](const Kept& copy) { return copy.version == made->version; });
    copies.insert(copies.begin(), std::move(*made));
  }
  if (copies.size() > 2) copies.resize(2);
  const auto before = read(outside, folder + "/kept");
  if (before && *before == copies && !outside.files.exists(folder + "/next")) {
    prune(outside, folder, copies);
    outside.out << "kept already: " << what << "\n";
    return {};
  }
  auto done = publish(outside, grant, copies);
  if (done) outside.out << "keeps " << what << " in " << folder << "\n";
  return done;
}

}  // namespace

Result<void> open_store(Outside& outside, const Grant& grant) {
  const std::string sources = source_of(*grant.manager, grant.agent), link = grant.manager->source_link(grant.agent);
  if (grant.manager->pin != nullptr) {  // before anybody can see anything
    const auto [pin, text] = grant.manager->pin(grant.agent);
    if (auto pinned = write(outside, pin, text); !pinned) return pinned;
  }
  if (!outside.files.exists(sources))
    if (auto written = write(outside, sources, "# No copy is kept yet.\n"); !written) return written;
  std::error_code error;
  fs::permissions(outside.base + folder_of(grant.agent), fs::perms(0755), error);
  fs::create_directories(fs::path(outside.base + link).parent_path(), error);
  if (fs::read_symlink(outside.base + link, error) == sources) return {};
  fs::remove(outside.base + link, error);
  fs::create_symlink(sources, outside.base + link, error);
  if (error) return sdk::fail(io::errno_error("cannot make " + link, error.value()));
  outside.out << "wrote " << link << "\n";
  return {};
}

Result<void> drop_store(Outside& outside, const std::string& agent) {
  std::error_code error;
  Result<io::Fd> locked = io::Fd();
  if (outside.files.exists(folder_of(agent))) {
    // A run of the unit is ended rather than waited for: it may take an hour. Without systemd there is none.
    static_cast<void>(run(outside, {"/usr/bin/systemctl", "stop", sdk::root_unit(sdk::RootHelper::store, agent)}));
    locked = lock(outside, folder_of(agent));
    if (!locked) return sdk::fail(locked.error());
  }
  Result<void> done;
  for (const auto& manager : package_managers()) {
    manager.forget_copies(outside, agent);
    if (done) done = remove(outside, manager.source_link(agent));
    if (done && manager.pin != nullptr) done = remove(outside, manager.pin(agent).first);
  }
  if (done && fs::remove_all(outside.base + folder_of(agent), error) > 0) outside.out << "removed " << folder_of(agent) << "\n";
  if (error) return sdk::fail(io::errno_error("cannot remove " + folder_of(agent), error.value()));
  return done;
}

Result<void> fill_store(Outside& outside, const Grant& grant) {
  const std::string folder = folder_of(grant.agent), problem = outside.base + folder + "/problem";
  const auto none = sdk::fail(Errc::unsupported, "no store was made for it: `upkeep enable` does");
  const auto source = source_of(*grant.manager, grant.agent);
  if (!outside.files.exists(source)) return none;
  const auto locked = lock(outside, folder);
  if (!locked) return sdk::fail(locked.error());
  if (!outside.files.exists(source)) return none;  // taken away while this waited
  Result<void> done;
  if (const auto [name, text] = grant.manager->settings; name != nullptr && !outside.files.exists(folder + "/" + name))
    done = io::write_atomic(outside.base + folder + "/" + name, text, 0644);
  if (done) done = fill(outside, grant);
  std::error_code ignored;
  fs::remove_all(outside.base + folder + "/work", ignored);
  if (done) return io::remove_durable(problem);
  static_cast<void>(io::write_atomic(problem, done.error().message.substr(0, 1000) + "\n", 0644));
  return done;
}

}  // namespace upkeep::root
