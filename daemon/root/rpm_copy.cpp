// SPDX-License-Identifier: Apache-2.0
#include "root/rpm_copy.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>

#include "io/durable.h"
#include "root/copy_parts.h"
#include "sdk/text.h"

namespace upkeep::root {
namespace {

namespace fs = std::filesystem;
using sdk::Errc;
using sdk::Kept;
using sdk::Result;

constexpr int kEndTries = 40;  // half a second each; it takes ten seconds
constexpr std::size_t kMostSaid = 300;
constexpr std::uintmax_t kMetadata = std::uintmax_t{1024} * 1024;

// What a tool says may have the address of a repository in it, with its password or, behind a question mark, a token; everybody reads why
// a copy was not made.
std::string without_passwords(std::string text) {
  for (auto at = text.find("://"); at != std::string::npos; at = text.find("://", at + 1)) {
    const auto begin = at + 3, end = std::min(text.find_first_of("/ \n\"'", begin), text.size()), sign = text.rfind('@', end);
    if (sign != std::string::npos && sign >= begin) text.erase(begin, sign + 1 - begin);
    const auto rest = text.find_first_of("? \n\"'", begin);
    if (rest != std::string::npos && text[rest] == '?') text.erase(rest, text.find_first_of(" \n\"'", rest) - rest);
  }
  return text;
}

// Reads and writes of one make_rpm_copy.
class RpmCopy {
 public:
  RpmCopy(Outside& outside, const RpmTool& tool, const std::string& folder) : outside_(outside), tool_(tool), work_(folder + "/work") {}

  // The repository whose file it was, with the file in the copy.
  Result<Section> fetch(const Package& package, const Instance& wanted) {
    auto sources = origins_of(outside_, tool_, {package}, work_);
    if (!sources) return sdk::fail(sources.error());
    const auto all = repositories(outside_, tool_.sources);
    if (!all) return sdk::fail(all.error());
    for (const auto& one : *all)
      if (std::none_of(sources->begin(), sources->end(), [&](const Section& first) { return first.id == one.id; })) sources->push_back(one);
    const std::string what = package.name + " " + package.version;
    std::string said;
    for (const auto& source : *sources) {
      outside_.out << "asking " << source.id << " for " << what << "\n" << std::flush;
      const auto done = fetch_from(source, package.name, wanted);
      if (done) return source;
      if (done.error().code == Errc::denied) return sdk::fail(done.error());
      said += " (" + source.id + ": " + without_passwords(done.error().message).substr(0, 2 * kMostSaid) + ")";
    }
    return sdk::fail(Errc::unsupported, "no repository of this host offers " + what + " any more" + said);
  }

  // The keys of the repository, as files of the copy; of one that is elsewhere, or has a name that only the tool can tell: those that rpm
  // was given when it was accepted.
  Result<std::vector<std::string>> keys(const Section& source) {
    auto& out = keys_[source.id];
    if (!out.empty()) return out;
    bool others = source.value("gpgkey").empty();
    std::string value = source.value("gpgkey");
    std::replace(value.begin(), value.end(), ',', ' ');
    for (const auto address : sdk::split(value, ' ')) {
      if (address.empty()) continue;
      const bool file = address.starts_with("file:///") && address.find('$') == std::string_view::npos;
      others = others || !file;
      if (!file) continue;
      const auto taken = add_key(out, [&](const std::string& to) {
        return run(outside_, {"/usr/bin/cp", "--no-preserve=all", "--", outside_.base + std::string(address.substr(7)), to});
      });
      if (!taken) return sdk::fail("reading a key of " + source.id, taken.error());
    }
    if (!others) return out;
    const auto known = run(outside_, {"/usr/bin/rpm", "-qa", "--qf", "%{DESCRIPTION}\n", "gpg-pubkey"});
    if (!known) return sdk::fail(known.error());
    constexpr std::string_view kBegin = "-----BEGIN PGP PUBLIC KEY BLOCK-----", kEnd = "-----END PGP PUBLIC KEY BLOCK-----";
    for (auto at = known->find(kBegin); at != std::string::npos; at = known->find(kBegin, at + 1)) {
      const auto end = known->find(kEnd, at);
      if (end == std::string::npos || out.size() >= 50) break;
      const auto taken = add_key(out, [&](const std::string& to) {
        return io::write_atomic(to, known->substr(at, end + kEnd.size() - at) + "\n", 0644).map([] { return std::string(); });
      });
      if (!taken) return sdk::fail(taken.error());
    }
    if (out.empty()) return sdk::fail(Errc::unsupported, source.id + " has no key (gpgkey=), and rpm knows none: nothing can be verified");
    return out;
  }

  // Signed by one of the keys; and what it says that it is.
  Result<void> verify(const Package& package, const Instance& wanted, const std::vector<std::string>& keys) {
    const std::string file = outside_.base + work_ + "/copy/" + package.name + ".rpm", own = outside_.base + work_ + "/keys";
    std::vector<std::string> check = {"/usr/bin/rpmkeys"};
    if (tool_.key_of_its_own) {
      check.insert(check.end(), {"--dbpath", own});
      std::error_code error;
      fs::remove_all(own, error);
      fs::create_directories(own, error);
      auto import = check;
      import.emplace_back("--import");
      for (const auto& key : keys) import.push_back(outside_.base + work_ + "/copy/" + key);
      if (const auto imported = run(outside_, std::move(import)); !imported)
        return sdk::fail("the keys of its repository", imported.error());
    }
    // Without this an unsigned package is fine as well.
    check.insert(check.end(), {"--define", "_pkgverify_level all", "--checksig", "--verbose", file});
    if (const auto good = run(outside_, std::move(check), kPatience); !good)
      return sdk::fail(Errc::denied, package.name + " " + package.version + " does not verify: " + good.error().message);
    const auto is = run(
        outside_, {"/usr/bin/rpm", "-qp", "--nosignature", "--qf", "%{NAME}\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\t%{ARCH}", file});
    if (!is) return sdk::fail(is.error());
    std::string text = *is;
    if (const auto zero = text.find("\t0:"); zero != std::string::npos) text.erase(zero + 1, 2);
    if (text == package.name + "\t" + wanted.version + "\t" + wanted.arch) return {};
    return sdk::fail(Errc::denied,
                     "what the repository gives for " + package.name + " " + package.version + " is " + sdk::quoted(text, 120));
  }

 private:
  Result<void> fetch_from(const Section& source, const std::string& package, const Instance& wanted) {
    std::error_code error;
    for (const char* name : {"/repos", "/cache", "/download"}) fs::remove_all(outside_.base + work_ + name, error);
    for (const char* name : {"/repos", "/cache", "/download"}) fs::create_directories(outside_.base + work_ + name, error);
    if (error) return sdk::fail(io::errno_error("cannot make " + work_, error.value()));
    std::string text = "[" + source.id + "]\n";
    for (const auto& [key, value] : source.keys)
      if (key != "skip_if_unavailable" && key != "enabled" && key != "service") text += key + "=" + value + "\n";
    // Root's alone: addresses of the host's sources may have passwords in them.
    return io::write_atomic(outside_.base + work_ + "/repos/origin.repo", text + "enabled=1\nskip_if_unavailable=0\n", 0600)
        .and_then([&] { return tool_.download(outside_, work_, package, wanted); })
        .and_then([&](const std::string& said) -> Result<void> {
          for (fs::recursive_directory_iterator entry(outside_.base + work_ + "/download", error), end; !error && entry != end;
               entry.increment(error))
            if (entry->path().extension() == ".rpm") return take(outside_, entry->path(), work_ + "/copy/" + package + ".rpm");
          const auto last = without_passwords(std::string(sdk::trimmed(said)));  // before an address is cut
          return sdk::fail(Errc::unsupported, "it gave no file: " + last.substr(last.size() - std::min(last.size(), kMostSaid)));
        });
  }
  template <typename Take>
  Result<std::string> add_key(std::vector<std::string>& out, Take take) {
    const std::string name = "keys/" + std::to_string(++number_) + ".asc", to = outside_.base + work_ + "/copy/" + name;
    std::error_code error;
    fs::create_directories(fs::path(to).parent_path(), error);
    out.push_back(name);
    return take(to);
  }

  Outside& outside_;
  const RpmTool& tool_;
  std::string work_;
  std::map<std::string, std::vector<std::string>> keys_;  // by the repository
  int number_ = 0;                                        // of keys
};

// A lower priority, and dearer, than whatever the host has: nothing comes from there by itself. The keys are the copy's.
std::string section_text(const std::string& id, const std::string& folder, const std::vector<std::string>& keys) {
  std::string list;
  for (const auto& key : keys) list += (list.empty() ? "file://" : " file://") + folder + "/" + key;
  return "[" + id + "]\nname=" + id + "\nbaseurl=file://" + folder +
         "\nenabled=1\nautorefresh=1\ngpgcheck=1\nrepo_gpgcheck=0\npkg_gpgcheck=1\ngpgkey=" + list +
         "\npriority=200\ncost=2000\nskip_if_unavailable=1\n";
}

// What is in the folder, sorted, with the agent's package last.
Result<void> record_all(Outside& outside, const std::string& copy, const std::string& last, Kept& kept) {
  std::vector<std::string> paths;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(outside.base + copy, error), end; !error && entry != end; entry.increment(error))
    if (entry->is_regular_file()) paths.push_back(fs::relative(entry->path(), outside.base + copy));
  if (error) return sdk::fail(io::errno_error("cannot read " + copy, error.value()));
  std::sort(paths.begin(), paths.end(), [&](const auto& a, const auto& b) { return std::pair(a == last, a) < std::pair(b == last, b); });
  for (const auto& path : paths)
    if (auto done = record(outside, copy, path, kept); !done) return done;
  return {};
}

}  // namespace

Result<std::vector<Section>> origins_of(Outside& outside, const RpmTool& tool, const std::vector<Package>& packages,
                                        const std::string& work) {
  const auto all = repositories(outside, tool.sources);
  if (!all) return all;
  std::vector<Section> out;
  for (const auto& package : packages) {
    const auto id = package.there ? tool.origin(outside, package, work) : "";
    const auto at = std::find_if(all->begin(), all->end(), [&](const Section& one) { return one.id == id || one.value("name") == id; });
    if (id.empty() || at == all->end()) return all;
    if (std::none_of(out.begin(), out.end(), [&](const Section& one) { return one.id == at->id; })) out.push_back(*at);
  }
  return out;
}

Result<std::string> no_rpm_store(Outside& outside, const RpmTool& tool) {
  if (!outside.files.exists("/usr/bin/createrepo_c")) return std::string("createrepo_c is not installed: install the package createrepo_c");
  const auto all = repositories(outside, tool.sources);
  if (!all) return all.error().message;
  if (all->empty()) return "there is no repository in " + tool.sources;
  if (std::any_of(all->begin(), all->end(), [](const Section& one) { return !one.value("gpgkey").empty(); })) return std::string();
  const auto known = run(outside, {"/usr/bin/rpm", "-qa", "gpg-pubkey"});
  if (!known) return sdk::fail(known.error());
  if (!sdk::trimmed(*known).empty()) return std::string();
  return "no repository in " + tool.sources + " has a key (gpgkey=), and rpm knows none: what is kept could not be verified";
}

Result<Kept> make_rpm_copy(Outside& outside, const RpmTool& tool, const std::string& folder, const std::string& name,
                           const std::vector<Package>& packages) {
  const std::string work = folder + "/work", copy = work + "/copy";
  std::uintmax_t needed = kMetadata;
  for (const auto& package : packages) needed += package.size;
  if (auto room = has_room(outside, folder, needed); !room) return sdk::fail(room.error());
  std::error_code error;
  fs::remove_all(outside.base + work, error);
  // Root's alone until it is done: dnf writes logs into it, which all may read, and addresses with their passwords into these.
  fs::create_directory(outside.base + work, error);
  fs::permissions(outside.base + work, fs::perms::owner_all, error);
  if (error) return sdk::fail(io::errno_error("cannot make " + work, error.value()));
  fs::create_directories(outside.base + copy, error);
  RpmCopy maker(outside, tool, folder);
  Kept kept{packages.front().version, name, "", std::chrono::floor<sdk::Millis>(std::chrono::system_clock::now()), {}};
  std::vector<std::string> all_keys;
  for (const auto& package : packages) {
    const auto now = instances(outside, package.name);
    if (!now) return sdk::fail(now.error());
    if (now->empty() || now->front().version != package.version) return sdk::fail(Errc::busy, package.name + " is being changed");
    const auto source = maker.fetch(package, now->front());
    if (!source) return sdk::fail(source.error());
    const auto keys = maker.keys(*source);
    if (!keys) return sdk::fail(keys.error());
    if (auto good = maker.verify(package, now->front(), *keys); !good) return sdk::fail(good.error());
    for (const auto& key : *keys)
      if (std::find(all_keys.begin(), all_keys.end(), key) == all_keys.end()) all_keys.push_back(key);
    const auto shown = source->id;
    if (kept.origin.find(shown) == std::string::npos) kept.origin += (kept.origin.empty() ? "" : ", ") + shown;
  }
  if (auto room = has_room(outside, folder, 0); !room) return sdk::fail(room.error());  // what was downloaded has been more than expected
  if (const auto made = run(outside, {"/usr/bin/createrepo_c", "--quiet", "--no-database", outside.base + copy}, kPatience); !made)
    return sdk::fail("making the copy's metadata", made.error());
  return record_all(outside, copy, packages.front().name + ".rpm", kept)
      .and_then([&] {
        return io::write_atomic(outside.base + copy + "/source",
                                section_text(store_id(fs::path(folder).filename()) + name, folder + "/" + name, all_keys), 0644);
      })
      .and_then([&] { return give_name(outside, copy, folder + "/" + name); })
      .map([&] { return kept; });
}

std::vector<sdk::UnverifiedRepository> unverified_origins(Outside& outside, const RpmTool& tool, std::string_view installer,
                                                          const std::vector<Package>& packages) {
  const auto origins = origins_of(outside, tool, packages);
  if (!origins) return {};
  auto out = sdk::unverified_repositories(outside.files, installer);
  std::erase_if(out, [&](const sdk::UnverifiedRepository& one) {
    return std::none_of(origins->begin(), origins->end(), [&](const Section& origin) { return origin.id == one.id; });
  });
  return out;
}

void forget_caches(Outside& outside, const std::string& folder, const std::string& agent, const std::vector<std::string>& stay) {
  std::error_code ignored;
  const std::string prefix = store_id(agent);
  for (const auto& entry : fs::directory_iterator(outside.base + folder, ignored)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(prefix) || name.size() == prefix.size() || !sdk::is_digit(name[prefix.size()])) continue;
    const auto id = name.substr(0, std::min(name.find_first_not_of("0123456789", prefix.size()), name.size()));
    // What follows an id is a dash or a dot, and what a tool makes of it.
    if (std::find(stay.begin(), stay.end(), id) == stay.end()) fs::remove_all(entry.path(), ignored);
  }
}

void end_packagekit(Outside& outside) {
  const auto call = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"/usr/bin/busctl", "--timeout=20", "--auto-start=no", "call"});
    return run(outside, std::move(words));
  };
  const std::string name = "org.freedesktop.PackageKit", path = "/org/freedesktop/PackageKit", bus = "org.freedesktop.DBus";
  const auto comes = [&](const auto& what) {
    for (int tries = 0; tries < kEndTries; ++tries, outside.wait())
      if (what()) return true;
    return false;
  };
  bool there = true;
  const bool idle = comes([&] {
    const auto list = call({name, path, name, "GetTransactionList"});
    there = list.has_value();
    return !there || sdk::trimmed(*list) == "ao 0";
  });
  if (!there || (idle && !call({name, path, name, "SuggestDaemonQuit"}))) return;
  const bool ended = idle && comes([&] {
                       const auto owned = call({bus, "/org/freedesktop/DBus", bus, "NameHasOwner", "s", name});
                       return !owned || owned->find("true") == std::string::npos;
                     });
  if (!ended) outside.out << "PackageKit is busy: it sees the copy once it is idle\n";
}

}  // namespace upkeep::root
