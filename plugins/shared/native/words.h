// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the readers of all tools share: what a message means, and what is sound enough to stand in a plan.

#include <span>

#include "shared/native/tool.h"

namespace upkeep::shared::native {

// A text that only one kind of failure has, in lower case.
struct Sign {
  std::string_view text;
  Reaction reaction;
};

// The first sign that the message has, whatever its case; addresses do not count: "https://signed.example/" says nothing about a signature.
[[nodiscard]] std::optional<Reaction> reaction_of(std::string_view message, std::span<const Sign> signs);

// "TOOL: MESSAGE (exit status N)", in one line.
[[nodiscard]] Failure make_failure(std::string_view tool, Reaction reaction, std::string_view message, int status);

// The last lines of a text, made fit for people.
[[nodiscard]] std::vector<std::string> last_lines(std::string_view text, std::size_t most);

// Adds a line to a plan, unless it is there already. Errc::internal: name or version is none, or there are more than can be judged.
[[nodiscard]] sdk::Result<void> add_line(Report& report, packages::Act act, std::string_view name, std::string_view version);

// "TOOL prints a line that cannot be read: …", Errc::internal.
[[nodiscard]] tl::unexpected<sdk::Error> unreadable(std::string_view tool, std::string_view line);

}  // namespace upkeep::shared::native
