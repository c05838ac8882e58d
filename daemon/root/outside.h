// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the verbs use of the host: root's own files, programs by absolute path, and a place to say what was done.

#include <unistd.h>

#include <functional>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "root/trusted_files.h"

namespace upkeep::root {

// The host, or a test's folder and programs.
struct Outside {
  std::string base;  // stands before every path; empty: the host itself
  TrustedFiles files;
  std::function<sdk::Result<sdk::ProcessResult>(sdk::ProcessRequest)> run;
  std::ostream& out;                                       // what was done, for people
  std::function<void()> wait = [] { ::usleep(500'000); };  // between two tries
};

// What a program says; an exit status other than 0 is an error with its own words.
[[nodiscard]] sdk::Result<std::string> run(Outside& outside, std::vector<std::string> argv, sdk::Millis deadline = std::chrono::seconds(60),
                                           std::map<std::string, std::string> environment = {});

// Readable by all: the daemon, polkitd and apt read them without root.
[[nodiscard]] sdk::Result<void> write(Outside& outside, const std::string& path, const std::string& text);
// Also a link; done when there is none.
[[nodiscard]] sdk::Result<void> remove(Outside& outside, const std::string& path);

}  // namespace upkeep::root
