// SPDX-License-Identifier: Apache-2.0
#pragma once
// An agent's journal: appends one entry at a time, waits until it is durable, then folds it. When an append fails nothing
// was decided; when its outcome is unknown the journal is read again and says what happened.

#include <memory>
#include <string>
#include <vector>

#include "core/agent_state.h"
#include "engine/figures.h"
#include "engine/one_at_a_time.h"
#include "sdk/host.h"
#include "sdk/state.h"

namespace upkeep::engine {

class Journal {
 public:
  // `times`: takes how long each append of the store lasted; outlives the journal.
  Journal(sdk::Host& host, std::unique_ptr<sdk::State> store, Histogram& times) : host_(host), store_(std::move(store)), times_(times) {}

  // Reads everything. A torn last line is cut off and logged. Errc::invalid or unsupported: damaged (see damage());
  // other errors: the store could not be read now.
  sdk::Task<sdk::Result<void>> load();

  // Durable and folded when it returns success. Errc::transient: not written, nothing changed, may be tried again.
  // Errc::cancelled: not written, because somebody else wrote; state() is what that one made of it.
  sdk::Task<sdk::Result<void>> append(core::Event event, std::string operation, nlohmann::json fields);

  // While the last append has failed: looks whether the store works again, so that nobody is told of a trouble that is over.
  sdk::Task<void> try_again();

  // Moves a damaged journal aside and begins a new one.
  sdk::Task<sdk::Result<std::string>> set_aside();

  // Nothing is left.
  sdk::Task<sdk::Result<void>> forget();

  [[nodiscard]] const core::AgentState& state() const { return state_; }
  [[nodiscard]] const std::string& damage() const { return damage_; }
  // Why the last append failed, with the file; empty: it did not, or the store works again.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }
  [[nodiscard]] JournalFigures figures() const { return {appends_, append_errors_, entries_.size(), bytes_, !damage_.empty(), failing_}; }

 private:
  sdk::Task<sdk::Result<void>> append_in_turn(core::Event event, std::string operation, nlohmann::json fields);
  sdk::Task<sdk::Result<void>> append_one(core::Entry entry);
  sdk::Task<void> compact_when_long();
  sdk::Result<void> take(core::ReadJournal read, std::size_t bytes);

  sdk::Host& host_;
  std::unique_ptr<sdk::State> store_;
  Histogram& times_;
  core::AgentState state_;
  std::vector<core::Entry> entries_;
  std::string damage_, trouble_;
  std::size_t bytes_ = 0;  // of the lines that the store holds
  std::uint64_t appends_ = 0, append_errors_ = 0;
  bool failing_ = false;                 // the last append
  std::optional<core::Entry> doubtful_;  // the entry whose fate is not known
  bool unsure_ = false;                  // what the store holds is not known: load before anything is written
  OneAtATime turns_;                     // to write
};

}  // namespace upkeep::engine
