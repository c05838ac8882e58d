// SPDX-License-Identifier: Apache-2.0
#include "installer/apt/dpkg.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include "sdk/kept.h"
#include "sdk/text.h"
#include "sdk/version.h"
#include "shared/packages/text.h"
#include "shared/packages/tool.h"

namespace upkeep::plugins::apt {
namespace {

using sdk::Errc;
using sdk::split;
using sdk::trimmed;
using shared::packages::one_line;
using shared::packages::run_tool;

constexpr const char* kDpkgQuery = "/usr/bin/dpkg-query";
constexpr const char* kAptCache = "/usr/bin/apt-cache";
constexpr const char* kFormat =
    "${Package}\\t${db:Status-Want}\\t${db:Status-Eflag}\\t${db:Status-Status}\\t${Architecture}\\t${Version}\\n";

struct Word {
  std::string_view status;
  bool there, broken, half_installed = false;
};
// Waiting for another package's trigger is no damage: the package itself is installed and configured.
constexpr std::array kWords = std::to_array<Word>({
    {"not-installed", false, false},
    {"config-files", false, false},
    {"half-installed", true, true, true},
    {"unpacked", true, true},
    {"half-configured", true, true},
    {"triggers-awaited", true, false},
    {"triggers-pending", true, false},
    {"installed", true, false},
});

std::optional<PackageState> parse_fields(const std::vector<std::string_view>& fields) {
  if (fields.size() != 6 || !sdk::is_package_name(fields[0])) return std::nullopt;
  const auto* word = std::find_if(kWords.begin(), kWords.end(), [&](const Word& w) { return w.status == fields[3]; });
  if (word == kWords.end()) return std::nullopt;
  PackageState state;
  state.status = word->status;
  if (fields[1] == "hold") {
    const std::string name(fields[0]);
    state.holds.push_back({"dpkg's hold on " + name + " (`apt-mark unhold " + name + "` lifts it)", true});
  }
  if (!word->there) return state;
  state.broken = word->broken || fields[2] != "ok";
  state.half_installed = word->half_installed;
  state.arch = fields[4];
  state.version = fields[5];
  if (!sdk::is_package_version(state.version)) {
    // the very first unpacking of a package was interrupted: there is no version yet
    if (!state.version.empty() || !state.broken) return std::nullopt;
  }
  return state;
}

}  // namespace

sdk::Result<std::map<std::string, PackageState>> parse_states(std::string_view output) {
  std::map<std::string, PackageState> states;
  for (const auto line : split(output, '\n')) {
    if (line.empty()) continue;
    const auto fields = split(line, '\t');
    auto state = parse_fields(fields);
    if (!state) return sdk::fail(Errc::internal, "dpkg-query answers a line that cannot be read: " + sdk::quoted(line, 120));
    // a package can be there for several architectures; what is installed counts
    auto& known = states[std::string(fields[0])];
    if (known.version.empty()) known = std::move(*state);
  }
  return states;
}

sdk::Task<sdk::Result<std::map<std::string, PackageState>>> query_states(sdk::Host& host, std::vector<std::string> packages) {
  auto argv = sdk::words({kDpkgQuery, "-W", "-f", kFormat});
  argv.insert(argv.end(), std::make_move_iterator(packages.begin()), std::make_move_iterator(packages.end()));
  const auto output = co_await run_tool(host, std::move(argv), 1);  // 1: some of them are unknown to dpkg
  if (!output) co_return sdk::fail(output.error());
  co_return parse_states(*output);
}

sdk::Result<bool> journal_pending(sdk::Host& host) {
  const auto names = host.files().list("/var/lib/dpkg/updates");
  if (!names) return sdk::fail("looking for an interrupted dpkg", names.error());
  // dpkg names its entries in digits; "tmp.i" and the like are made before anything counts
  return std::any_of(names->begin(), names->end(),
                     [](const std::string& name) { return !name.empty() && std::all_of(name.begin(), name.end(), sdk::is_digit); });
}

sdk::Result<std::vector<Offered>> parse_offers(std::string_view output, std::string_view package) {
  std::vector<Offered> offers;
  for (const auto line : split(output, '\n')) {
    if (trimmed(line).empty()) continue;
    const auto columns = split(line, '|');
    if (columns.size() != 3)
      return sdk::fail(Errc::internal, "apt-cache madison answers a line that cannot be read: " + sdk::quoted(line, 120));
    const auto name = trimmed(columns[0]), version = trimmed(columns[1]), where = trimmed(columns[2]);
    // sources, and foreign architectures ("name:i386"), are not what is installed
    if (name != package || !where.ends_with(" Packages") || where.starts_with("file:" + std::string(sdk::kStoreFolder))) continue;
    if (!sdk::is_package_version(version))
      return sdk::fail(Errc::internal, "apt-cache madison names a version that cannot be one: " + sdk::quoted(version));
    offers.push_back({std::string(version), one_line(where, 200)});
  }
  return offers;
}

sdk::Task<sdk::Result<std::vector<Offered>>> query_offers(sdk::Host& host, std::string package) {
  // Whoever reads the lists anew (the package store, too) has them unreadable for a moment.
  sdk::Result<std::string> output;
  for (int tries = 0; tries < 3; ++tries) {
    const sdk::Millis pause = std::chrono::seconds(tries);
    if (tries > 0) co_await host.clock().sleep_for(pause);
    auto argv = sdk::words({kAptCache, "madison", package});
    output = co_await run_tool(host, std::move(argv), 0);
    if (output || output.error().code != Errc::transient) break;
  }
  if (!output) co_return sdk::fail(output.error());
  co_return parse_offers(*output, package);
}

}  // namespace upkeep::plugins::apt
