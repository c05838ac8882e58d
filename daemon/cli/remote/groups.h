// SPDX-License-Identifier: Apache-2.0
#pragma once
// The remote commands in groups, one file each.

#include "cli/context.h"

namespace CLI {
class App;
}

namespace upkeep::cli {

// status, history, events, version
void add_reading_commands(CLI::App& app, Context& context);
// check, dry-run, suspend, resume, pin, unpin, unquarantine, resolve, forget, reload
void add_changing_commands(CLI::App& app, Context& context);
// run, force, rollback
void add_operation_commands(CLI::App& app, Context& context);

}  // namespace upkeep::cli
