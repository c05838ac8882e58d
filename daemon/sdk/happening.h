// SPDX-License-Identifier: Apache-2.0
#pragma once
// What has become of the agent, for whoever watches the place where it lives: an installer may tell it there (Installer::tell). The
// journal has all of this already; what is told here may be lost.

#include <string>
#include <string_view>

#include "sdk/time.h"

namespace upkeep::sdk {

enum class Happened {
  started,      // an operation has begun to change the agent
  committed,    // the new version has proven itself
  rolled_back,  // it was taken back: unhealthy, withdrawn, or as an operator wanted
  refused,      // nothing was changed, and the same is tried again: by whom and why is in the text
  failed,       // an attempt came to nothing, and nothing was changed
  overtaken,    // somebody else has installed something meanwhile
  stuck,        // neither the change nor its way back came to an end
};
[[nodiscard]] std::string_view name(Happened what);
// Whether people should look: all but started and committed.
[[nodiscard]] bool alarming(Happened what);

struct Happening {
  Happened what = Happened::started;
  TimePoint at;
  std::string operation;  // id; empty: none was begun
  std::string from, to;   // versions, for people; empty: not known, or not installed
  std::string actor;      // who wanted it; empty: nobody in person
  std::string text;       // one sentence for people, at most kLongestHappening bytes of UTF-8
};
inline constexpr std::size_t kLongestHappening = 900;

}  // namespace upkeep::sdk
