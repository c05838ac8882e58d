// SPDX-License-Identifier: Apache-2.0
#include "engine/journal.h"

namespace upkeep::engine {
namespace {

using sdk::Errc;
using sdk::Result;
using sdk::Task;

constexpr std::size_t kCompactAt = 2000;  // entries; an operation writes about ten

}  // namespace

Result<void> Journal::take(core::ReadJournal read, std::size_t bytes) {
  damage_ = std::move(read.damage);
  bytes_ = bytes;
  if (damage_.empty()) {
    if (auto folded = core::fold(read.entries); folded) {
      state_ = std::move(*folded);
      entries_ = std::move(read.entries);
      return {};
    } else {
      damage_ = folded.error().message;
    }
  }
  state_ = core::AgentState();
  entries_.clear();
  return sdk::fail(Errc::invalid, damage_);
}

Task<Result<void>> Journal::load() {
  auto loaded = co_await store_->load();
  if (!loaded) {
    // No file, or one that is too long, will not become a journal by waiting; everything else may.
    if (loaded.error().code == Errc::invalid) {
      core::ReadJournal nothing;
      nothing.damage = loaded.error().message;
      (void)take(std::move(nothing), 0);
      host_.log(sdk::LogLevel::error, "journal damaged: " + damage_);
    }
    co_return sdk::fail(loaded.error());
  }
  auto read = core::read_journal(loaded->bytes);
  if (read.torn) {
    host_.log(sdk::LogLevel::warn, "journal: the last line was torn by an interruption and is cut off, bytes=" +
                                       std::to_string(loaded->bytes.size() - read.good_bytes));
    if (auto cut = co_await store_->truncate(read.good_bytes); !cut) co_return sdk::fail(cut.error());
  }
  unsure_ = false;
  const auto size = read.torn ? read.good_bytes : loaded->bytes.size();
  auto taken = take(std::move(read), size);
  if (!taken) host_.log(sdk::LogLevel::error, "journal damaged: " + damage_);
  co_return taken;
}

Task<Result<void>> Journal::append(core::Event event, std::string operation, nlohmann::json fields) {
  // Commands and the agent's own coroutine append side by side: one at a time, each with the state the other left.
  const auto turn = co_await turns_.take();
  auto appended = co_await append_in_turn(event, std::move(operation), std::move(fields));
  failing_ = !appended;
  ++(appended ? appends_ : append_errors_);
  co_return appended;
}

Task<Result<void>> Journal::append_in_turn(core::Event event, std::string operation, nlohmann::json fields) {
  if (unsure_) {  // a torn line may be there, and nothing may be written behind it
    if (auto again = co_await load(); !again) co_return sdk::fail(Errc::transient, trouble_ = again.error().message);
    // The caller tries again what had landed: that is done.
    const bool same = doubtful_ && !entries_.empty() && core::encode(entries_.back()) == core::encode(*doubtful_) &&
                      doubtful_->event == event && doubtful_->operation == operation && doubtful_->fields == fields;
    doubtful_.reset();
    if (same) {
      trouble_.clear();
      co_return Result<void>();
    }
  }
  if (!damage_.empty()) co_return sdk::fail(Errc::transient, "the journal is damaged: " + damage_);

  core::Entry entry;
  entry.sequence = state_.next_sequence;
  entry.time = host_.clock().now();
  entry.boot = host_.clock().boot_id();
  entry.boot_time = host_.clock().boot_now();
  entry.operation = std::move(operation);
  entry.event = event;
  entry.fields = std::move(fields);
  auto appended = co_await append_one(std::move(entry));
  trouble_ = appended ? "" : appended.error().message;
  if (appended) co_await compact_when_long();
  co_return appended;
}

Task<void> Journal::try_again() {
  if (trouble_.empty() || !damage_.empty() || turns_.taken()) co_return;
  const auto turn = co_await turns_.take();
  unsure_ = true;
  if (auto again = co_await load(); again) {
    trouble_.clear();
    doubtful_.reset();
  }
}

Task<Result<void>> Journal::append_one(core::Entry entry) {
  // An entry that would not fold must not be written: it would damage the journal for good.
  core::AgentState next = state_;
  if (auto folded = core::fold(next, entry); !folded) co_return sdk::fail(Errc::internal, "journal: " + folded.error().message);

  const auto line = core::encode(entry);
  const auto began = host_.clock().boot_now();
  const auto outcome = co_await store_->append(entry.sequence, line);
  times_.observe(host_.clock().boot_now() - began);
  if (outcome == sdk::Append::done) {
    state_ = std::move(next);
    entries_.push_back(std::move(entry));
    bytes_ += line.size() + 1;
    co_return Result<void>();
  }
  // Look what is there: our line may have landed, a part of it, or somebody else's.
  unsure_ = true;
  doubtful_ = entry;
  if (auto again = co_await load(); !again)
    co_return sdk::fail(Errc::transient, "the journal could not be written, nor read again: " + again.error().message);
  const bool landed = !entries_.empty() && core::encode(entries_.back()) == line;
  if (landed) co_return Result<void>();
  // Whatever was said of our line: others' entries are there now.
  if (outcome == sdk::Append::lost || state_.next_sequence != entry.sequence)
    co_return sdk::fail(Errc::cancelled, "somebody else wrote the journal");
  co_return sdk::fail(Errc::transient, "the journal could not be written");
}

Task<void> Journal::compact_when_long() {
  const auto full = store_->capacity() / 2;
  if (entries_.size() < kCompactAt && bytes_ <= full) co_return;
  core::Entry entry = entries_.back();
  entry.event = core::Event::compacted;
  entry.operation.clear();
  entry.fields = core::compact(entries_, state_, full / 2);  // so that there is room again for long
  auto bytes = core::encode(entry) + "\n";
  const auto before = bytes;
  if (auto written = co_await store_->compact(std::move(bytes)); !written) {
    host_.log(sdk::LogLevel::warn, "journal: compaction failed: " + written.error().message);
    unsure_ = true;  // the new file may be in place, but not under its name after a power cut
    co_return;
  }
  if (auto taken = take(core::read_journal(before), before.size()); !taken)
    host_.log(sdk::LogLevel::error, "journal damaged by compaction: " + damage_);
}

Task<Result<void>> Journal::forget() {
  std::string nothing;
  auto emptied = co_await store_->compact(std::move(nothing));
  if (emptied) {
    state_ = core::AgentState();
    entries_.clear();
    bytes_ = 0;
  }
  unsure_ = !emptied;
  co_return emptied;
}

Task<Result<std::string>> Journal::set_aside() {
  auto moved = co_await store_->set_aside();
  if (!moved) co_return sdk::fail(moved.error());
  damage_.clear();
  state_ = core::AgentState();
  entries_.clear();
  bytes_ = 0;
  trouble_.clear();
  co_return moved;
}

}  // namespace upkeep::engine
