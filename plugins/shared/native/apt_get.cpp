// SPDX-License-Identifier: Apache-2.0
// apt-get of Debian and Ubuntu. Its dry run says, line by line, what dpkg would be told; the sections above it only what kind of change
// some of that is.
#include <algorithm>
#include <array>
#include <set>

#include "sdk/kept.h"
#include "sdk/text.h"
#include "sdk/version.h"
#include "shared/native/words.h"
#include "shared/packages/text.h"

namespace upkeep::shared::native {
namespace {

using packages::Act;
using R = Reaction;

// Configuration files as PackageKit treats them; nothing without a signature, whatever apt.conf says.
Argv apt_command(std::initializer_list<std::string_view> more) {
  auto argv = sdk::words({"/usr/bin/apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=60", "-o", "Dpkg::Use-Pty=0", "-o",
                          "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold", "-o",
                          "APT::Get::AllowUnauthenticated=false", "-o", "Acquire::AllowInsecureRepositories=false"});
  for (const auto word : more) argv.emplace_back(word);
  return argv;
}

Argv apt_order(std::initializer_list<std::string_view> more, const Order& order) {
  auto argv = apt_command(more);
  // Upkeep's own hold. Others' holds on the agent's packages are refused before, and on any other package by read_apt_plan.
  argv.emplace_back("--allow-change-held-packages");
  if (order.downgrade) argv.emplace_back("--allow-downgrades");
  argv.emplace_back("install");
  for (const auto& wanted : order.packages) argv.push_back(wanted.name + "=" + wanted.version);
  return argv;
}

Argv apt_simulate(const Order& order, const Argv& /*only*/) { return apt_order({"--simulate"}, order); }
Argv apt_download(const Order& order) { return apt_order({"--download-only"}, order); }
Argv apt_install(const Order& order, const Argv& /*only*/) { return apt_order({"--no-remove"}, order); }
// Without that mode a source that cannot be read is a warning and exit status 0.
Argv apt_refresh(bool /*force*/) { return apt_command({"-o", "APT::Update::Error-Mode=any", "update"}); }
Argv apt_repair() { return apt_command({"--no-remove", "--fix-broken", "install"}); }
Argv apt_offers(const std::string& package) { return sdk::words({"/usr/bin/apt-cache", "madison", package}); }

constexpr std::array kAptSigns = std::to_array<Sign>({
    {"dpkg was interrupted", R::interrupted},
    {"could not get lock", R::busy},
    {"unable to acquire the dpkg frontend lock", R::busy},
    {"unable to lock", R::busy},
    {"hash sum mismatch", R::forged},
    {"unauthenticated packages", R::forged},
    {"not signed", R::forged},
    {"no longer signed", R::forged},
    {"signature", R::forged},
    {"no_pubkey", R::forged},
    {"gpg error", R::forged},
    {"enough free space", R::transient},
    {"no space left", R::transient},
    {"returned an error code", R::failed},  // of dpkg
    {"was not found", R::stale},            // "Version '9.9' for 'x' was not found"
    {"unable to locate package", R::stale},
    {"has no installation candidate", R::stale},
    {"unmet dependencies", R::invalid},
    {"held broken packages", R::invalid},
    {"packages need to be removed", R::invalid},
    {"essential packages were removed", R::invalid},
    {"held packages were changed", R::denied},
    {"packages were downgraded", R::invalid},
    {"failed to fetch", R::transient},
    {"unable to fetch", R::transient},
    {"does not have a release file", R::transient},
    {"failed to download", R::transient},
    {"could not resolve", R::transient},
    {"could not connect", R::transient},
    {"unable to connect", R::transient},
});

// Its errors, or all that it wrote beside its output.
std::string apt_message(const Said& said) {
  std::string out;
  for (const auto& line : sdk::lines_of(said.err))
    if (line.starts_with("E: ")) out += (out.empty() ? "" : "; ") + line.substr(3);
  if (out.empty()) out = said.err.empty() ? said.out : said.err;
  // What stands in the way is told before, in its output.
  if (const auto unmet = said.out.find("The following packages have unmet dependencies:"); unmet != std::string::npos)
    out += "; " + said.out.substr(unmet);
  return out;
}

std::optional<Failure> apt_failure(const Said& said) {
  if (said.status == 0) return std::nullopt;
  const auto message = apt_message(said);
  return make_failure("apt-get", reaction_of(message, kAptSigns).value_or(R::failed), message, said.status);
}

std::vector<std::string> apt_told(const Said& said) {
  auto lines = last_lines(said.out, 30);
  for (auto& line : last_lines(said.err, 10)) lines.push_back(std::move(line));
  return lines;
}

// "demo-agent:amd64" → "demo-agent"
std::string_view without_arch(std::string_view name) { return name.substr(0, name.find(':')); }

// Names in a section, which is a heading and lines that begin with two blanks.
std::set<std::string> named_below(std::string_view output, std::string_view heading) {
  std::set<std::string> names;
  bool inside = false;
  for (const auto line : sdk::split(output, '\n')) {
    if (!line.starts_with("  ")) {
      inside = line == heading;
    } else if (inside) {
      for (const auto word : sdk::split(line, ' '))
        if (!word.empty()) names.emplace(without_arch(word));
    }
  }
  return names;
}

// "[1.2.3-1] (2.3.4-1 Origin:suite [all]) …" or without the first: the version in the wanted kind of bracket; empty: it is not there.
std::string_view bracketed(std::string_view rest, char open) {
  if (open == '(' && rest.starts_with('[')) {
    const auto end = rest.find("] ");
    if (end == std::string_view::npos) return "";
    rest.remove_prefix(end + 2);
  }
  if (!rest.starts_with(open)) return "";
  rest.remove_prefix(1);
  const auto end = rest.find_first_of(open == '(' ? " )" : " ]");
  return end == std::string_view::npos ? "" : rest.substr(0, end);
}

sdk::Result<Report> apt_plan(const Order& order, const Said& said) {
  Report report;
  report.failure = apt_failure(said);
  if (report.failure) return report;
  const auto lower = named_below(said.out, "The following packages will be DOWNGRADED:");
  for (const auto line : sdk::split(said.out, '\n')) {
    const bool inst = line.starts_with("Inst "), remv = line.starts_with("Remv ") || line.starts_with("Purg ");
    if (!inst && !remv) continue;
    const auto blank = line.find(' ', 5);
    if (blank == std::string_view::npos) return unreadable("apt-get", line);
    const auto name = without_arch(line.substr(5, blank - 5));
    const auto version = bracketed(line.substr(blank + 1), inst ? '(' : '[');
    if (version.empty()) return unreadable("apt-get", line);
    const Act act = remv ? Act::remove : lower.contains(std::string(name)) ? Act::downgrade : Act::install;
    if (auto added = add_line(report, act, name, version); !added) return sdk::fail(added.error());
  }
  for (const auto& held : named_below(said.out, "The following held packages will be changed:")) {
    const bool ours = std::any_of(order.packages.begin(), order.packages.end(), [&](const auto& one) { return one.name == held; });
    if (ours) continue;
    report.failure = make_failure("apt-get", R::invalid, "it would change " + held + ", which is held (`apt-mark unhold` lifts it)", 0);
    return report;
  }
  return report;
}

sdk::Result<std::vector<Offered>> apt_read_offers(const Said& said, const std::string& package) {
  std::vector<Offered> offers;
  for (const auto line : sdk::split(said.out, '\n')) {
    if (sdk::trimmed(line).empty()) continue;
    const auto columns = sdk::split(line, '|');
    if (columns.size() != 3) return unreadable("apt-cache", line);
    const auto name = sdk::trimmed(columns[0]), version = sdk::trimmed(columns[1]), where = sdk::trimmed(columns[2]);
    // sources, and foreign architectures ("name:i386"), are not what is installed
    if (name != package || !where.ends_with(" Packages") || where.starts_with("file:" + std::string(sdk::kStoreFolder))) continue;
    if (!sdk::is_package_version(version)) return unreadable("apt-cache", line);
    offers.push_back({std::string(version), packages::one_line(where, 200)});
  }
  return offers;
}

}  // namespace

const Tool& apt_get() {
  static const Tool kTool{.name = "apt-get",
                          .simulate = apt_simulate,
                          .download = apt_download,
                          .install = apt_install,
                          .refresh = apt_refresh,
                          .repair = apt_repair,
                          .offers = apt_offers,
                          .plan = apt_plan,
                          .failure = apt_failure,
                          .told = apt_told,
                          .read_offers = apt_read_offers,
                          .lists_in_sandbox = true,
                          .turns_to_copies = true,
                          .lists = "/var/lib/apt/lists",
                          .lists_file = "partial"};
  return kTool;
}

}  // namespace upkeep::shared::native
