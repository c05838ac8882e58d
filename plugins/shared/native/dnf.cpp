// SPDX-License-Identifier: Apache-2.0
// dnf 4 of Fedora, RHEL and their kin. Its dry run is a table for people, but one that dnf makes as wide as its words: a line is a package
// under the heading of what would be done with it. The counts below the table must be those of its lines.
#include <algorithm>
#include <array>
#include <map>

#include "sdk/kept.h"
#include "sdk/text.h"
#include "sdk/version.h"
#include "shared/native/words.h"
#include "shared/packages/text.h"

namespace upkeep::shared::native {
namespace {

using packages::Act;
using R = Reaction;

// Whoever has the lock keeps it for long: that is told, not waited for. Nothing without a signature, whatever the .repo files say.
Argv dnf_command(std::initializer_list<std::string_view> more) {
  auto argv =
      sdk::words({"/usr/bin/dnf", "-y", "--color=never", "--setopt=exit_on_lock=1", "--setopt=gpgcheck=1", "--setopt=*.gpgcheck=1"});
  for (const auto word : more) argv.emplace_back(word);
  return argv;
}

Argv dnf_order(std::initializer_list<std::string_view> more, const Order& order, const Argv& only) {
  auto argv = dnf_command(more);
  // Upkeep's own hold. Others' holds on the agent's packages are refused before.
  argv.emplace_back("--disableplugin=versionlock");
  // A way back waits for no network.
  if (order.downgrade) argv.emplace_back("--setopt=*.skip_if_unavailable=1");
  for (const auto& repository : only) argv.push_back("--repo=" + repository);
  if (!only.empty()) argv.emplace_back("--refresh");
  argv.emplace_back("install");  // which lowers a version as well
  // Not its architecture, which the next version may have another one of (noarch): dnf takes the host's.
  for (const auto& wanted : order.packages) argv.push_back(wanted.name + "-" + wanted.version);
  return argv;
}

Argv dnf_simulate(const Order& order, const Argv& only) { return dnf_order({"--assumeno"}, order, only); }
Argv dnf_download(const Order& order) { return dnf_order({"--downloadonly"}, order, {}); }
Argv dnf_install(const Order& order, const Argv& only) { return dnf_order({}, order, only); }
Argv dnf_refresh(bool force) { return force ? dnf_command({"--refresh", "makecache"}) : dnf_command({"makecache"}); }
Argv dnf_repair() { return {}; }
// Out of what was read before.
Argv dnf_offers(const std::string& package) {
  return sdk::words({"/usr/bin/dnf", "-q", "-C", "--disableplugin=versionlock", "repoquery", "--show-duplicates", "--qf",
                     "%{name};%{epoch};%{version}-%{release};%{repoid}", package});
}

constexpr std::array kDnfSigns = std::to_array<Sign>({
    {"waiting for process with pid", R::busy},
    {"can't create transaction lock", R::busy},
    {"metadata already locked", R::busy},
    {"do not have any gpg public keys", R::denied},
    {"gpg check failed", R::forged},
    {"gpg signature", R::forged},
    {"is not signed", R::forged},
    {"public key", R::forged},
    {"checksum", R::forged},
    {"unable to find a match", R::stale},
    {"no match for argument", R::stale},
    {"filtered out by exclude filtering", R::stale},
    {"no space left", R::transient},
    {"more space", R::transient},
    {"failed to download metadata", R::transient},
    {"error downloading packages", R::transient},
    {"all mirrors were tried", R::transient},
    {"curl error", R::transient},
    {"scriptlet", R::failed},
    {"transaction failed", R::failed},
    {"transaction test error", R::invalid},  // file conflicts
    {"transaction check error", R::invalid},
    {"problem:", R::invalid},
    {"problem 1:", R::invalid},
    {"conflicting requests", R::invalid},
});
constexpr int kDnfLocked = 200;  // exit_on_lock

// What it wrote beside its output, from where it speaks of an error.
std::string dnf_message(const Said& said) {
  const std::string& text = said.err.empty() ? said.out : said.err;
  const auto error = ("\n" + text).find("\nError");
  return error == std::string::npos ? text : text.substr(error);
}

std::optional<Failure> dnf_failure(const Said& said) {
  if (said.status == 0) return std::nullopt;
  const auto message = dnf_message(said);
  const auto known = said.status == kDnfLocked ? std::optional(R::busy) : reaction_of(message, kDnfSigns);
  return make_failure("dnf", known.value_or(R::failed), message, said.status);
}

std::vector<std::string> dnf_told(const Said& said) {
  auto lines = last_lines(said.out, 30);
  for (auto& line : last_lines(said.err, 10)) lines.push_back(std::move(line));
  return lines;
}

struct DnfSection {
  std::string_view heading;
  Act act;
  std::string_view counted;  // how the lines are called in the summary
};
constexpr std::array kDnfSections = std::to_array<DnfSection>({
    {"Installing:", Act::install, "Install"},
    {"Installing dependencies:", Act::install, "Install"},
    {"Installing weak dependencies:", Act::install, "Install"},
    {"Upgrading:", Act::install, "Upgrade"},
    {"Reinstalling:", Act::install, ""},
    {"Downgrading:", Act::downgrade, "Downgrade"},
    {"Removing:", Act::remove, "Remove"},
    {"Removing dependent packages:", Act::remove, "Remove"},
    {"Removing unused dependencies:", Act::remove, "Remove"},
    {"Skipping packages with conflicts:", Act::unavailable, "Skip"},
    {"(add '--best --allowerasing' to command line to force their upgrade):", Act::unavailable, "Skip"},
    {"(add '--allowerasing' to command line to force their upgrade):", Act::unavailable, "Skip"},
    {"Skipping packages with broken dependencies:", Act::unavailable, "Skip"},
    {"Skipping packages with broken dependencies or part of a group:", Act::unavailable, "Skip"},
});

std::vector<std::string_view> words_of_line(std::string_view line) {
  auto words = sdk::split(line, ' ');
  std::erase_if(words, [](std::string_view word) { return word.empty(); });
  return words;
}

bool is_rule(std::string_view line) { return line.size() >= 20 && line.find_first_not_of('=') == std::string_view::npos; }

// Reads the table, from below its head to the summary.
class DnfTable {
 public:
  explicit DnfTable(Report& report) : report_(report) {}

  // false: it cannot be read.
  bool take(std::string_view line) {
    if (line.empty()) return ended();
    if (line.front() != ' ') return ended() && (begins(line) || line == "Skipping packages with conflicts:");
    if (section_ == nullptr) return false;
    if (line.starts_with("     replacing  ")) return ended() && replaced(words_of_line(line));
    if (!line.starts_with("  ") && !ended()) return false;  // a new package; else the rest of one whose line was wrapped
    for (const auto word : words_of_line(line)) words_.emplace_back(word);
    return true;
  }
  bool ended() {
    if (words_.empty()) return true;
    const auto words = std::exchange(words_, {});
    // name, architecture, version, repository, size, unit (none when it is 0)
    if (words.size() != 5 && words.size() != 6) return false;
    if (!section_->counted.empty()) ++lines_[section_->counted];
    return add_line(report_, section_->act, words[0], words[2]).has_value();
  }
  // "Upgrade  2 Packages"
  bool take_count(std::string_view line) {
    const auto words = words_of_line(line);
    if (words.size() != 3 || !words[2].starts_with("Package")) return false;
    const auto number = sdk::parse_number(words[1]);
    if (number) counts_[words[0]] = *number;
    return number && lines_[words[0]] == *number;
  }
  [[nodiscard]] bool counted() const {
    return std::all_of(lines_.begin(), lines_.end(), [&](const auto& one) { return one.second == 0 || counts_.contains(one.first); });
  }

 private:
  bool begins(std::string_view line) {
    const auto* found = std::find_if(kDnfSections.begin(), kDnfSections.end(), [&](const DnfSection& s) { return s.heading == line; });
    section_ = found == kDnfSections.end() ? nullptr : found;
    return section_ != nullptr;
  }
  // "replacing  oldname.noarch 1.0-1"
  bool replaced(const std::vector<std::string_view>& words) {
    const auto dot = words.size() == 3 ? words[1].rfind('.') : std::string_view::npos;
    return dot != std::string_view::npos && add_line(report_, Act::replace, words[1].substr(0, dot), words[2]).has_value();
  }

  Report& report_;
  const DnfSection* section_ = nullptr;
  std::vector<std::string> words_;
  std::map<std::string_view, std::uint64_t> lines_, counts_;
};

sdk::Result<Report> dnf_plan(const Order& /*order*/, const Said& said) {
  Report report;
  const bool aborted = said.err.find("Operation aborted.") != std::string::npos;  // by --assumeno: there is a plan
  if (said.status != 0 && !(said.status == 1 && aborted)) {
    report.failure = dnf_failure(said);
    return report;
  }
  DnfTable table(report);
  enum class In { prelude, head, lines, summary, rest } in = In::prelude;
  for (const auto line : sdk::split(said.out, '\n')) {
    bool sound = true;
    if (in == In::prelude) {
      if (is_rule(line)) in = In::head;
    } else if (in == In::head) {
      if (is_rule(line)) in = In::lines;
    } else if (in == In::lines) {
      sound = line == "Transaction Summary" ? table.ended() : table.take(line);
      if (line == "Transaction Summary") in = In::summary;
    } else if (in == In::summary) {
      if (line.empty()) in = In::rest;
      sound = line.empty() || is_rule(line) || table.take_count(line);
    }
    if (!sound) return unreadable("dnf", line);
  }
  if (aborted && (in != In::rest || report.plan.empty() || !table.counted()))
    return sdk::fail(sdk::Errc::internal, "dnf says that it has a plan, but prints none that can be read");
  return report;
}

sdk::Result<std::vector<Offered>> dnf_read_offers(const Said& said, const std::string& package) {
  if (said.status != 0) return sdk::fail(dnf_failure(said)->error);
  std::vector<Offered> offers;
  for (const auto line : sdk::split(said.out, '\n')) {
    if (line.empty()) continue;
    const auto fields = sdk::split(line, ';');
    if (fields.size() != 4 || !sdk::parse_number(fields[1])) return unreadable("dnf repoquery", line);
    const std::string version = (fields[1] == "0" ? "" : std::string(fields[1]) + ":") + std::string(fields[2]);
    if (!sdk::is_package_version(version)) return unreadable("dnf repoquery", line);
    if (fields[0] != package || fields[3].starts_with("upkeep-store-")) continue;
    offers.push_back({version, "the repository " + packages::one_line(fields[3], 100)});
  }
  return offers;
}

}  // namespace

const Tool& dnf() {
  static const Tool kTool{.name = "dnf",
                          .simulate = dnf_simulate,
                          .download = dnf_download,
                          .install = dnf_install,
                          .refresh = dnf_refresh,
                          .repair = dnf_repair,
                          .offers = dnf_offers,
                          .plan = dnf_plan,
                          .failure = dnf_failure,
                          .told = dnf_told,
                          .read_offers = dnf_read_offers,
                          .lists = "/var/cache/dnf",
                          .lists_file = ""};
  return kTool;
}

}  // namespace upkeep::shared::native
