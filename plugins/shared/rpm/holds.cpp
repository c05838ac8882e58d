// SPDX-License-Identifier: Apache-2.0
#include "shared/rpm/holds.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>

#include "sdk/ini.h"
#include "sdk/text.h"

namespace upkeep::shared::rpm {

using packages::Hold;

namespace {

constexpr const char* kVersionLocks = "/etc/dnf/plugins/versionlock.list";
constexpr const char* kDnfConf = "/etc/dnf/dnf.conf";
constexpr const char* kZyppLocks = "/etc/zypp/locks";
constexpr std::size_t kMostOfFile = std::size_t{256} * 1024;
constexpr std::size_t kMostPattern = 256;

std::optional<std::string> text_of(sdk::Files& files, const std::string& path, std::vector<std::string>& problems) {
  if (!files.exists(path)) return std::nullopt;
  auto text = files.read(path, kMostOfFile);
  if (text) return std::move(*text);
  problems.push_back("whether " + path + " holds anything cannot be told: " + text.error().message);
  return std::nullopt;
}

// Whether a class at the front of the pattern, "[a-c]" or "[!x]", has the character; its length goes to `length`, 0: it is no class.
bool class_has(std::string_view pattern, char c, std::size_t& length) {
  const bool inverted = pattern.size() > 1 && (pattern[1] == '!' || pattern[1] == '^');
  const std::size_t begin = inverted ? 2 : 1, end = pattern.find(']', begin + 1);
  length = end == std::string_view::npos ? 0 : end + 1;
  bool found = false;
  for (auto at = begin; length > 0 && at < end; ++at) {
    if (at + 2 < end && pattern[at + 1] == '-') {
      found = found || (pattern[at] <= c && c <= pattern[at + 2]);
      at += 2;
    } else {
      found = found || pattern[at] == c;
    }
  }
  return found != inverted;
}

// As a shell's patterns. Of several stars only the last one has to be tried again, so it takes no longer than the product of the two.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, tried = 0;
  while (t < text.size()) {
    std::size_t length = p < pattern.size() ? 1 : 0;
    bool same = p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t]);
    if (p < pattern.size() && pattern[p] == '[') {
      same = class_has(pattern.substr(p), text[t], length);
      if (length == 0) same = text[t] == '[', length = 1;
    }
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      tried = t;
    } else if (same) {
      p += length;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++tried;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

void add(std::vector<Hold>& to, std::vector<Hold> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

bool pattern_means(const std::string& pattern, const Subject& subject) {
  if (pattern.empty() || pattern.size() > kMostPattern) return false;
  const auto colon = subject.version.find(':');
  const std::string epoch = colon == std::string::npos ? "0" : subject.version.substr(0, colon);
  const std::string plain = colon == std::string::npos ? subject.version : subject.version.substr(colon + 1);
  const std::string version = plain.substr(0, plain.rfind('-')), &name = subject.name, arch = "." + subject.arch;
  for (const std::string& spelled :
       {name, name + arch, name + "-" + version, name + "-" + plain, name + "-" + plain + arch, name + "-" + epoch + ":" + version,
        name + "-" + epoch + ":" + plain, name + "-" + epoch + ":" + plain + arch, epoch + ":" + name + "-" + plain + arch}) {
    if (matches(pattern, spelled)) return true;
  }
  // A lock on another version of it: what is installed is no longer what was locked, but the wish is plain.
  const bool versioned = pattern.size() > name.size() + 1 && pattern.starts_with(name + "-") && sdk::is_digit(pattern[name.size() + 1]);
  return versioned && std::count(pattern.begin(), pattern.end(), '-') <= std::count(name.begin(), name.end(), '-') + 2;
}

std::vector<Hold> version_locks(std::string_view list, const Subject& subject) {
  std::vector<Hold> out;
  for (const auto line : sdk::split(list, '\n')) {
    const std::string rule(sdk::trimmed(line.substr(0, line.find('#'))));
    if (rule.empty()) continue;
    const bool excludes = rule.front() == '!';
    if (!pattern_means(excludes ? std::string(sdk::trimmed(std::string_view(rule).substr(1))) : rule, subject)) continue;
    const std::string entry = sdk::quoted(rule);
    out.push_back({"dnf's version lock " + entry + " in " + kVersionLocks + " (`dnf versionlock delete " + subject.name + "` lifts it)",
                   rule == "!" + subject.name});
  }
  return out;
}

std::vector<Hold> excludes(std::string_view text, const std::string& file, const Subject& subject) {
  std::vector<Hold> out;
  for (const auto& section : sdk::parse_ini(text)) {
    for (const char* key : {"excludepkgs", "exclude"}) {
      for (const auto& pattern : sdk::ini_list(section.text(key)))
        if (pattern_means(pattern, subject))
          out.push_back(
              {std::string(key) + " " + sdk::quoted(pattern) + " of the section " + sdk::quoted(section.name) + " in " + file, false});
    }
  }
  return out;
}

std::vector<Hold> zypp_locks(std::string_view text, const Subject& subject) {
  std::vector<Hold> out;
  std::map<std::string, std::string> stanza;
  const auto end = [&] {
    const std::string type = stanza["type"], name = stanza["solvable_name"];
    if (!name.empty() && (type.empty() || type == "package") && pattern_means(name, subject))
      out.push_back(
          {"zypper's lock " + sdk::quoted(name) + " in " + kZyppLocks + " (`sudo zypper removelock " + subject.name + "` lifts it)",
           false});
    stanza.clear();
  };
  for (const auto line : sdk::split(text, '\n')) {
    const auto bare = sdk::trimmed(line);
    if (bare.empty()) end();
    if (bare.empty() || bare.front() == '#') continue;
    const auto colon = bare.find(':');
    if (colon == std::string_view::npos) continue;
    stanza[sdk::lower(sdk::trimmed(bare.substr(0, colon)))] = sdk::trimmed(bare.substr(colon + 1));
  }
  end();
  return out;
}

std::vector<std::pair<std::string, std::string>> repo_files(sdk::Files& files, const std::string& folder,
                                                            std::vector<std::string>& problems) {
  std::vector<std::pair<std::string, std::string>> out;
  if (!files.exists(folder)) return out;
  const auto names = files.list(folder);
  if (!names) problems.push_back("the repositories of this host cannot be read: " + names.error().message);
  for (const auto& name : names ? *names : std::vector<std::string>()) {
    if (!name.ends_with(".repo")) continue;
    const auto path = folder + "/" + name;
    if (auto text = text_of(files, path, problems)) out.emplace_back(path, std::move(*text));
  }
  return out;
}

std::vector<Hold> dnf_holds(sdk::Files& files, const Subject& subject, std::vector<std::string>& problems) {
  std::vector<Hold> out;
  if (const auto locks = text_of(files, kVersionLocks, problems)) add(out, version_locks(*locks, subject));
  if (const auto text = text_of(files, kDnfConf, problems)) add(out, excludes(*text, kDnfConf, subject));
  for (const auto& [path, text] : repo_files(files, "/etc/yum.repos.d", problems)) add(out, excludes(text, path, subject));
  return out;
}

std::vector<Hold> zypp_holds(sdk::Files& files, const Subject& subject, std::vector<std::string>& problems) {
  const auto locks = text_of(files, kZyppLocks, problems);
  return locks ? zypp_locks(*locks, subject) : std::vector<Hold>();
}

}  // namespace upkeep::shared::rpm
