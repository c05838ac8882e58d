// SPDX-License-Identifier: Apache-2.0
#include "root/apt_copy.h"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "io/durable.h"
#include "root/apt_origin.h"
#include "root/copy_parts.h"
#include "sdk/text.h"

namespace upkeep::root {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using sdk::Errc;
using sdk::Kept;
using sdk::Result;

constexpr std::uintmax_t kRelease = 1024 * 1024;  // an InRelease is smaller than that

// The part of the index that is about the package.
struct Entry {
  std::string file, sha256;
  std::uint64_t size = 0;
};

Result<Entry> read_entry(const Result<std::string>& text) {
  if (!text) return sdk::fail(text.error());
  Entry entry;
  for (const auto line : sdk::split(*text, '\n')) {
    const auto value = [&](std::string_view key) { return std::string(sdk::trimmed(line.substr(key.size()))); };
    if (line.empty()) break;  // only the first stanza
    if (line.starts_with("Filename: ")) entry.file = value("Filename: ");
    if (line.starts_with("SHA256: ")) entry.sha256 = value("SHA256: ");
    if (line.starts_with("Size: ")) entry.size = sdk::parse_number(value("Size: ")).value_or(0);
  }
  if (entry.file.starts_with("./")) entry.file.erase(0, 2);
  if (entry.file.empty() || entry.sha256.empty() || entry.size == 0)
    return sdk::fail(Errc::invalid, "the index has no file, size or SHA256 of the package");
  if (!sdk::is_kept_path(entry.file))  // it is going to be written, by root
    return sdk::fail(Errc::denied, "the index names a file that cannot be kept: " + sdk::quoted(entry.file, 120));
  return entry;
}

std::string name_of(const fs::directory_entry& entry) { return entry.path().filename(); }

// How the index is served, by the release file: apt prefers what it is told first, and would compress anything else anew, to bytes that
// nobody signed. Empty: not at all compressed.
std::string served_as(const std::string& release, const std::string& index) {
  for (const std::string end : {"xz", "gz", "bz2", "zst", "lzma"})
    if (release.find(" " + index + "." + end + "\n") != std::string::npos) return end;
  return "";
}

// Its own lists and cache, and one source.
class Apt {
 public:
  Apt(Outside& outside, const std::string& folder, const std::string& name)
      : outside_(outside), conf_(folder + kAptConf), work_(folder + "/work/" + name) {}

  // The release file first, then the index in the very bytes that it has hashes for.
  Result<void> mirror(const Origin& origin) {
    auto source = source_text(origin, origin.uri, false);
    std::string only_release = source;
    constexpr std::string_view kTargets = "Targets: Packages";
    only_release.replace(only_release.find(kTargets), kTargets.size(), "Targets: none");
    if (auto done = begin(only_release); !done) return done;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(outside_.base + work_ + "/lists", error)) {
      const std::string name = name_of(entry);
      if (!name.ends_with("_InRelease") && !name.ends_with("_Release")) continue;
      const auto release = outside_.files.read(work_ + "/lists/" + name, 8 * kRelease);
      if (!release) return sdk::fail(release.error());
      served_as_ = served_as(*release, origin.index.substr(origin.release.size()));
    }
    return begin(source);
  }
  Result<void> begin(const std::string& source) {
    std::error_code error;
    for (const char* name : {"/state", "/lists", "/cache"}) fs::create_directories(outside_.base + work_ + name, error);
    if (error) return sdk::fail(io::errno_error("cannot make " + work_, error.value()));
    // Root's alone: addresses of the host's sources may have passwords in them.
    return io::write_atomic(outside_.base + work_ + "/only.sources", source, 0600)
        .and_then([&] {
          return ask({"/usr/bin/apt-get", "update", "-q"}, kPatience);
        })
        .map([](const std::string&) {});
  }
  Result<Entry> entry(const Package& package) {
    return read_entry(ask({"/usr/bin/apt-cache", "show", "--no-all-versions", package.name + "=" + package.version}, 1min));
  }
  Result<std::string> ask(std::vector<std::string> words, sdk::Millis deadline) {
    const std::string work = outside_.base + work_;
    std::vector<std::string> options = {"Dir::State=" + work + "/state",
                                        "Dir::State::lists=" + work + "/lists",
                                        "Dir::Cache=" + work + "/cache",
                                        "Dir::State::status=/var/lib/dpkg/status",
                                        "Dir::Etc::sourcelist=" + work + "/only.sources",
                                        "Dir::Etc::sourceparts=-",
                                        "Acquire::Languages=none",
                                        "Acquire::PDiffs=false",
                                        "Acquire::Retries=2",
                                        "Acquire::http::Timeout=30",
                                        "Acquire::https::Timeout=30",
                                        "APT::Sandbox::User=_apt",
                                        "APT::Update::Error-Mode=any",
                                        "Acquire::AllowInsecureRepositories=false",  // whatever the host puts up with
                                        "Acquire::AllowDowngradeToInsecureRepositories=false",
                                        "Dir::Cache::pkgcache=",
                                        "Dir::Cache::srcpkgcache=",
                                        "Acquire::GzipIndexes=false"};
    if (!served_as_.empty()) {
      options.back() = "Acquire::GzipIndexes=true";
      options.push_back("Acquire::CompressionTypes::Order::=" + served_as_);
      options.emplace_back("Acquire::IndexTargets::deb::Packages::KeepCompressed=true");
      options.push_back("Acquire::IndexTargets::deb::Packages::KeepCompressedAs=" + served_as_);
    }
    words.insert(words.end(), {"-c", outside_.base + conf_});
    for (auto& option : options) {
      words.emplace_back("-o");
      words.push_back(std::move(option));
    }
    return run(outside_, std::move(words), deadline);
  }

 private:
  Outside& outside_;
  std::string conf_, work_, served_as_;
};

// By what the lists that apt has say. The work needs everything twice for a while.
Result<void> has_room_for(Outside& outside, const std::string& folder, const Origin& origin, const std::vector<Entry>& entries) {
  std::error_code error;
  const auto list = fs::file_size(origin.list, error);
  std::uintmax_t needed = 2 * ((error ? 0 : list) + kRelease);
  const auto space = fs::space(outside.base + folder, error);
  for (const auto& entry : entries) needed += 2 * std::min<std::uintmax_t>(entry.size, space.capacity);
  return has_room(outside, folder, needed);
}

// The release file and the index, under the names that the origin has for them.
Result<void> take_lists(Outside& outside, const std::string& lists, const std::string& copy, const Origin& origin, Kept& kept) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(outside.base + lists, error)) {
    const std::string name = name_of(entry);
    const auto index = name.rfind("_Packages");
    std::string path;
    if (name.ends_with("_InRelease") || name.ends_with("_Release") || name.ends_with("_Release.gpg"))
      path = origin.release + name.substr(name.rfind('_') + 1);
    else if (index != std::string::npos)
      path = origin.index + name.substr(index + std::string_view("_Packages").size());
    else
      continue;
    auto taken = take(outside, entry.path(), copy + "/" + path).and_then([&] { return record(outside, copy, path, kept); });
    if (!taken) return taken;
  }
  return {};
}

Result<void> download(Outside& outside, Apt& apt, const std::string& work, const std::string& what, const std::string& to) {
  const std::string folder = outside.base + work + "/download";
  std::error_code error;
  fs::remove_all(folder, error);
  if (const auto made = run(outside, {"/usr/bin/install", "-d", "-o", "_apt", "-m", "0755", folder}); !made) return sdk::fail(made.error());
  if (const auto done = apt.ask({"/usr/bin/env", "-C", folder, "/usr/bin/apt-get", "download", "-q", what}, kPatience); !done)
    return sdk::fail(done.error());
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (name_of(entry).ends_with(".deb")) return take(outside, entry.path(), to);
  return sdk::fail(Errc::internal, "apt-get download left no file");
}

std::string exactly(const Package& package) { return package.name + "=" + package.version; }

// One part of one repository, with which all of them are verified.
Result<Origin> common_origin(Outside& outside, const std::vector<Package>& packages) {
  auto origin = find_origin(outside, packages.front().name, packages.front().version);
  for (const auto& package : packages) {
    if (!origin || &package == &packages.front()) continue;
    const auto other = find_origin(outside, package.name, package.version);
    if (!other) return other;
    if (other->shown != origin->shown)
      return sdk::fail(Errc::unsupported, package.name + " comes from " + other->shown + ", and " + packages.front().name + " from " +
                                              origin->shown + ": no copy can have both");
  }
  return origin;
}

// The agent's package is recorded last.
Result<void> take_packages(Outside& outside, Apt& apt, const std::string& work, const std::vector<Package>& packages,
                           const std::vector<Entry>& entries, Kept& kept) {
  for (auto i = packages.size(); i-- > 0;) {
    auto taken = download(outside, apt, work, exactly(packages[i]), work + "/copy/" + entries[i].file).and_then([&] {
      return record(outside, work + "/copy", entries[i].file, kept);
    });
    if (!taken) return taken;
    if (kept.files.back().sha256 != entries[i].sha256)
      return sdk::fail(Errc::denied,
                       "the file of " + packages[i].name + " " + packages[i].version + " is not the one that the index names");
  }
  return {};
}

}  // namespace

Result<Kept> make_copy(Outside& outside, const std::string& folder, const std::string& name, const std::vector<Package>& packages) {
  const std::string work = folder + "/work", copy = work + "/copy";
  auto origin = common_origin(outside, packages);
  if (!origin) return sdk::fail(origin.error());
  std::vector<Entry> entries;
  for (const auto& package : packages) {
    const auto expected = read_entry(run(outside, {"/usr/bin/apt-cache", "show", "--no-all-versions", exactly(package)}));
    if (!expected) return sdk::fail(expected.error());
    entries.push_back(*expected);
  }
  if (auto room = has_room_for(outside, folder, *origin, entries); !room) return sdk::fail(room.error());
  std::error_code error;
  fs::remove_all(outside.base + work, error);
  outside.out << "reading " << origin->shown << "\n" << std::flush;
  Apt apt(outside, folder, "origin");
  if (auto begun = apt.mirror(*origin); !begun) return sdk::fail(begun.error());
  for (std::size_t i = 0; i < packages.size(); ++i) {
    const auto entry = apt.entry(packages[i]);
    if (!entry)
      return sdk::fail(origin->shown + " does not offer " + packages[i].name + " " + packages[i].version + " any more", entry.error());
    entries[i] = *entry;
  }
  if (auto room = has_room_for(outside, folder, *origin, entries); !room) return sdk::fail(room.error());  // what it offers by now
  for (std::size_t i = 0; i < packages.size(); ++i)
    outside.out << "downloading " << packages[i].name << " " << packages[i].version << ", " << spelled(entries[i].size) << "\n"
                << std::flush;
  Kept kept{packages.front().version, name, origin->shown, std::chrono::floor<sdk::Millis>(std::chrono::system_clock::now()), {}};
  const auto filled =
      take_lists(outside, work + "/origin/lists", copy, *origin, kept)
          .and_then([&] { return take_packages(outside, apt, work, packages, entries, kept); })
          .and_then([&] {
            return io::write_atomic(outside.base + copy + "/source", source_text(*origin, "file:" + folder + "/" + name, true), 0644);
          });
  if (!filled) return sdk::fail(filled.error());
  // What will be read later is read once now, by apt itself: the signature of the release file, the hash of the index.
  Apt judge(outside, folder, "judge");
  auto good = judge.begin(source_text(*origin, "file:" + outside.base + copy, true));
  for (const auto& package : packages)
    if (good) good = judge.entry(package).map([](const Entry&) {});
  if (!good) return sdk::fail("the copy of " + packages.front().version + " does not verify", good.error());
  return give_name(outside, copy, folder + "/" + name).map([&] { return kept; });
}

}  // namespace upkeep::root
