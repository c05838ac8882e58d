// SPDX-License-Identifier: Apache-2.0
#pragma once
// Running a program as a unit of its own that systemd makes for it, outside of the daemon's sandbox and of its life: it goes on when the
// daemon is restarted, and is found again by its name. systemd lets only root do that.

#include <map>
#include <string>
#include <vector>

#include "sdk/host.h"

namespace upkeep::sdk {

struct TransientUnit {
  std::string name;                                // is_unit_name(), ends in ".service"; two of one name are never there at once
  std::string description;                         // tells this run from an earlier one of the same name
  std::vector<std::string> argv;                   // argv[0] is an absolute path; no shell, ever
  std::map<std::string, std::string> environment;  // added to what systemd gives every unit
  std::string out, err;                            // absolute paths of files, where what it says is written from their beginning
  Millis most{0};                                  // then systemd ends it, and after a while kills it
};

struct UnitEnd {
  std::string result;  // systemd's word: success, exit-code, signal, core-dump, timeout, oom-kill, …
  int status = 0;      // the exit status, or the signal's number
};

// Returns when it has ended, however it did. Errors: denied, invalid (systemd refused it: nothing was begun), busy (one of that name
// is there), cancelled (somebody stopped it), and with an unknown outcome timeout (it still runs) and transient (its end was not seen).
[[nodiscard]] Task<Result<UnitEnd>> run_transient_unit(Host& host, TransientUnit unit);

// Waits until no unit of that name runs, whoever began it, and clears away a failed one. Answers the description of the one that ran;
// empty: none did. `only`: a unit of another description is left alone. Errors: timeout (it still runs), and those of unit_status().
[[nodiscard]] Task<Result<std::string>> wait_for_transient_unit(Host& host, std::string name, std::string only, Millis most);

}  // namespace upkeep::sdk
