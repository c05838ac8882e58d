// SPDX-License-Identifier: Apache-2.0
#pragma once
// The next document of a channel: what was said, what is asked for, and the rules that keep a publisher from saying what hosts would
// refuse or nobody meant. Pure, and the same for plain channels, which say version and critical only.
//
// Of the version, and gone with it unless given again: critical (which must be given), notes, not_before, rollout, images, packages.
// Of the channel, and kept until changed: minimum_from, withdrawn, schedule, announced keys.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/release_document.h"
#include "sdk/release.h"
#include "sdk/result.h"

namespace upkeep::core {

// nullopt: nothing is said about it. An empty text, list, table or inner optional: it is taken away.
struct ReleaseEdit {
  std::optional<std::optional<sdk::Version>> version;  // inner nullopt: "none"
  std::optional<bool> critical;
  std::optional<std::string> notes_url;
  std::optional<std::optional<sdk::TimePoint>> not_before;
  std::optional<std::optional<sdk::Version>> minimum_from;
  std::optional<std::vector<sdk::RolloutStage>> rollout;
  std::optional<std::optional<sdk::Config>> schedule;
  std::optional<std::map<std::string, std::string>> images, packages;
  std::optional<std::vector<MinisignKey>> keys;
  std::optional<std::uint64_t> serial;  // nullopt: one more than before
  sdk::TimePoint issued, expires;
  bool allow_downgrade = false;
  bool allow_serial_jump = false;
};

// Serials are not endless, and hosts take none that is lower: somebody who talks a publisher into a huge one ends the channel.
inline constexpr std::uint64_t kFarthestSerial = 1'000'000;

// `before`: nullopt for a new channel; of a plain one it has no serial. `now`: what has expired by then is not made.
// invalid: what is asked for makes no sense; denied: a lower version than is offered, or, where none is offered, than was withdrawn with
// nowhere to go; one that was withdrawn; a serial that is not higher, or by more than kFarthestSerial.
[[nodiscard]] sdk::Result<Document> edited(const std::string& channel, const std::optional<Document>& before, const ReleaseEdit& edit,
                                           sdk::TimePoint now);

// What `promote` takes along: all that is said of the version, but for when and to whom it goes, and the least version it comes from.
void take_release(const sdk::Release& from, ReleaseEdit& edit);

// Hosts leave `version`, and go to `go_to` if it is given. When the channel offers it, it offers `go_to` from now on, or no release.
// With `again`: it is taken off the list. The rest is as in `edit`. invalid: it is not on the list, or goes to itself or to a
// withdrawn one.
[[nodiscard]] sdk::Result<Document> withdrawn(const std::string& channel, const Document& before, const sdk::Version& version,
                                              const std::optional<sdk::Version>& go_to, bool again, ReleaseEdit edit, sdk::TimePoint now);

// Whether it says anything but a version, whether that is critical, and when it was said.
[[nodiscard]] bool says_more(const Document& document);

// "10%@2027-01-05T02:00:00Z, 100%@…": percents and times rise. "none" is empty.
[[nodiscard]] sdk::Result<std::vector<sdk::RolloutStage>> parse_rollout(std::string_view text);

}  // namespace upkeep::core
