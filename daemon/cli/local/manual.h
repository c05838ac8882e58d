// SPDX-License-Identifier: Apache-2.0
#pragma once
// Fills the references into the manual pages: the build hands each page of conf/man through this. A page is mdoc(7); its
// line `@commands@` becomes all commands and options, `@options@` the options that stand before any command,
// `@daemon-keys@` and `@agent-keys@` the keys of upkeep.toml and of an agent's file, those of all plugins among them.

#include <iosfwd>

#include "cli/context.h"

namespace CLI {
class App;
}

namespace upkeep::cli {

// A plugin that cannot be loaded, or a placeholder that is none, is a failure: a page must not be built without a part.
void fill_manual(const CLI::App& root, std::istream& page, std::ostream& out, Context& context);

}  // namespace upkeep::cli
