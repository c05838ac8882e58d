// SPDX-License-Identifier: Apache-2.0
// apt, and dpkg below it: holds and conffiles are dpkg's.
#include <filesystem>

#include "root/apt_copy.h"
#include "root/apt_origin.h"
#include "root/package_manager.h"
#include "sdk/text.h"

namespace upkeep::root {
namespace {

using sdk::Result;

constexpr int kLockTries = 30;
// What the host does after its own `apt-get update` is not about these lists, and may fail in the unit's sandbox.
constexpr const char* kNoHooks =
    "#clear APT::Update::Pre-Invoke;\n#clear APT::Update::Post-Invoke;\n#clear APT::Update::Post-Invoke-Success;\n";
constexpr std::size_t kMostConffiles = 500;

std::string source_link(const std::string& agent) { return "/etc/apt/sources.list.d/upkeep-store-" + agent + ".sources"; }

// Below 100, which is what is installed: nothing ever comes from a copy by itself.
std::pair<std::string, std::string> pin(const std::string& agent) {
  return {"/etc/apt/preferences.d/upkeep-store-" + agent + ".pref",
          "# Written by `upkeep enable`: nothing comes from a frozen copy by itself.\nPackage: *\nPin: origin \"\"\nPin-Priority: 50\n"};
}

// A line of dpkg's is " PATH MD5[ obsolete]"; a path may have blanks.
void add_conffile(std::string_view line, std::vector<Conffile>& files) {
  constexpr std::string_view kObsolete = " obsolete";
  auto rest = sdk::trimmed(line);
  const bool obsolete = rest.ends_with(kObsolete);
  if (obsolete) rest.remove_suffix(kObsolete.size());
  const auto blank = rest.rfind(' ');
  if (!rest.starts_with('/') || blank == std::string_view::npos || files.size() == kMostConffiles) return;
  files.push_back({std::string(rest.substr(0, blank)), std::string(rest.substr(blank + 1)), obsolete});
}

// It may be there for several architectures: what is whole counts, and anybody's hold.
Result<Package> look(Outside& outside, const std::string& package) {
  const auto text = run(outside, {"/usr/bin/dpkg-query", "-W", "-f",
                                  "${db:Status-Want} ${db:Status-Status} ${Version} ${db-fsys:Last-Modified}\n${Conffiles}\n", package});
  Package out;
  out.name = package;
  out.status = "not-installed";
  if (!text && text.error().message.find("no packages found matching") != std::string::npos) return out;
  if (!text) return sdk::fail(text.error());
  bool seen = false;
  bool ours = false;  // what follows is about `out`
  for (const auto line : sdk::split(*text, '\n')) {
    const auto words = sdk::split(line, ' ');
    if (line.starts_with(' ') && ours) add_conffile(line, out.conffiles);
    if (line.starts_with(' ') || words.size() != 4) continue;
    const bool held = out.held || words[0] == "hold", whole = words[1] == "installed" || words[1].starts_with("triggers-");
    const bool there = words[1] != "not-installed" && words[1] != "config-files";
    ours = !seen || (whole && !out.whole);
    if (ours) out = {package, false, there, whole, std::string(words[1]), std::string(words[2]), std::string(words[3])};
    out.held = held;
    seen = true;
  }
  if (!seen) return sdk::fail(sdk::Errc::internal, "dpkg-query says nothing of " + package);
  return out;
}

Result<std::vector<std::string>> repair(Outside& /*outside*/, const std::vector<std::string>& /*packages*/, bool scripts) {
  if (scripts) return std::vector<std::string>{"/usr/bin/dpkg", "--force-confdef", "--force-confold", "--configure", "-a"};
  // Sets no selection, but dpkg has to write for it, and so closes its journal.
  return std::vector<std::string>{"/usr/bin/dpkg", "--set-selections"};
}

Result<void> set_hold(Outside& outside, const std::string& package, bool held) {
  const auto done = run(outside, {"/usr/bin/apt-mark", held ? "hold" : "unhold", package});
  if (done) return {};
  // Of what it does not know there is no hold, and without apt there is none at all.
  const auto& why = done.error();
  const bool none = why.code == sdk::Errc::unsupported || why.message.find("Unable to locate package") != std::string::npos;
  return !held && none ? Result<void>() : sdk::fail(why);
}

// Reads the lists of the copies alone, and leaves every other list as it is.
Result<void> read_copies(Outside& outside, const std::string& agent) {
  Result<std::string> done;
  for (int tries = 0; tries < kLockTries; ++tries) {
    if (tries > 0) outside.wait();
    done = run(outside, {"/usr/bin/apt-get", "update", "-c", outside.base + std::string(sdk::kStoreFolder) + agent + kAptConf, "-o",
                         "Dir::Etc::sourcelist=" + source_link(agent), "-o", "Dir::Etc::sourceparts=-", "-o",
                         "APT::Get::List-Cleanup=false", "-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache=", "-o",
                         "APT::Update::Error-Mode=any", "-o", "APT::Sandbox::User=_apt"});
    if (done || done.error().message.find("lock") == std::string::npos) break;
  }
  if (!done) return sdk::fail("letting apt read the copy", done.error());
  // For everybody's speed; it says no while dpkg works, and the next apt makes them anyway.
  static_cast<void>(run(outside, {"/usr/bin/apt-cache", "gencaches"}));
  return {};
}

void forget_copies(Outside& outside, const std::string& agent) {
  std::string prefix = "_var_lib_upkeep-store_";  // how apt calls its lists of the copies
  for (const char c : agent) prefix += c == '_' ? std::string("%5f") : std::string(1, c);
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(outside.base + "/var/lib/apt/lists", ignored))
    if (entry.path().filename().string().starts_with(prefix + "_")) std::filesystem::remove(entry.path(), ignored);
}

}  // namespace

PackageManager apt() {
  return {.installer = "apt",
          .hold = "apt-mark hold",
          .unhold = "apt-mark unhold",
          .repair = &repair,
          .no_hold = [](Outside&) { return Result<std::string>(); },
          .set_hold = &set_hold,
          .look = &look,
          .left_overs = {".dpkg-dist", ".dpkg-new", ".dpkg-old"},
          .source = "apt.sources",
          .settings = {kAptConf + 1, kNoHooks},
          .source_link = &source_link,
          .pin = &pin,
          .no_store = &no_store,
          .doubts = [](Outside&, const std::vector<Package>&) { return std::string(); },
          .make_copy = &make_copy,
          .read_copies = &read_copies,
          .forget_copies = &forget_copies};
}

}  // namespace upkeep::root
