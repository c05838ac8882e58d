// SPDX-License-Identifier: Apache-2.0
#pragma once
// What an engine may do, in which order, over all its lives: an automaton that reads a World's story. A verb needs the record
// that stands before it, and a record of something done needs the deed, in the same life. What an operation's end or a new
// life owes (a keep, a hook, a schedule's done) must have come before the next operation begins.

#include <string>
#include <vector>

namespace upkeep::test {

// What is wrong with it, each with its place in the story; empty: nothing. "life" begins a new life of the daemon.
std::vector<std::string> out_of_order(const std::vector<std::string>& story);
// What is still to come at its end.
std::vector<std::string> owed(const std::vector<std::string>& story);

}  // namespace upkeep::test
