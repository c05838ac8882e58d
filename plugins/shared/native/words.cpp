// SPDX-License-Identifier: Apache-2.0
#include "shared/native/words.h"

#include <algorithm>

#include "sdk/text.h"
#include "sdk/version.h"
#include "shared/packages/text.h"

namespace upkeep::shared::native {

using packages::one_line;

namespace {

constexpr std::size_t kMostPlan = 4096;

}  // namespace

std::optional<Reaction> reaction_of(std::string_view message, std::span<const Sign> signs) {
  const auto text = packages::words_of(message);
  const auto found = std::find_if(signs.begin(), signs.end(), [&](const Sign& sign) { return text.find(sign.text) != std::string::npos; });
  return found == signs.end() ? std::nullopt : std::optional(found->reaction);
}

Failure make_failure(std::string_view tool, Reaction reaction, std::string_view message, int status) {
  const auto text = one_line(message, 600);
  return {reaction, sdk::Error(packages::errc(reaction), std::string(tool) + ": " + (text.empty() ? "it failed without a message" : text) +
                                                             " (exit status " + std::to_string(status) + ")")};
}

std::vector<std::string> last_lines(std::string_view text, std::size_t most) {
  std::vector<std::string> out;
  for (const auto& line : sdk::lines_of(text))
    if (auto fit = one_line(line, 200); !fit.empty()) out.push_back(std::move(fit));
  if (out.size() > most) out.erase(out.begin(), out.end() - static_cast<std::ptrdiff_t>(most));
  return out;
}

sdk::Result<void> add_line(Report& report, packages::Act act, std::string_view name, std::string_view version) {
  if (!sdk::is_package_name(name)) return sdk::fail(sdk::Errc::internal, "a plan names a package that cannot be one: " + sdk::quoted(name));
  if (!sdk::is_package_version(version))
    return sdk::fail(sdk::Errc::internal,
                     "a plan names a version of " + std::string(name) + " that cannot be one: " + sdk::quoted(version));
  packages::PlanLine line{act, std::string(name), std::string(version)};
  if (std::find(report.plan.begin(), report.plan.end(), line) != report.plan.end()) return {};
  if (report.plan.size() >= kMostPlan) {
    report.incomplete = true;
    return {};
  }
  report.plan.push_back(std::move(line));
  return {};
}

tl::unexpected<sdk::Error> unreadable(std::string_view tool, std::string_view line) {
  return sdk::fail(sdk::Errc::internal, std::string(tool) + " prints a line that cannot be read: " + sdk::quoted(line, 120));
}

}  // namespace upkeep::shared::native
