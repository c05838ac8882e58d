// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where the agents' journals live. A state store keeps lines; what they mean is core's. Each agent has one of its own, and so has
// the daemon (host.agent() is empty), which asks it who may write and which agents have a journal.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/result.h"
#include "sdk/task.h"
#include "sdk/time.h"

namespace upkeep::sdk {

struct JournalBytes {
  std::string bytes;  // all lines, each ended by a newline; a torn last line as it is
};

enum class Append {
  done,     // durable
  lost,     // somebody else wrote in between: load again, decide again
  unknown,  // the write failed or was cut off: load and compare before going on
};

// Who may write the journals.
struct Claim {
  bool ours = true;
  std::string holder;              // who may, where it is not ours
  std::optional<Millis> again;     // ask again after this, to renew it or to get it; nullopt: it is ours for ever
  std::optional<BootTime> lapses;  // when it is ours no more, unless it was renewed; nullopt: it does not lapse
};

class State {
 public:
  virtual ~State() = default;
  // Of the daemon's store: may this process write the journals? Asked at the start until it may, then to renew it; not ours any more
  // ends the process. An error leaves things as they are, until the claim lapses.
  virtual Task<Result<Claim>> claim() { co_return Result<Claim>(Claim()); }
  // Of the daemon's store: this process ends in peace, and nothing of it writes any more: the next one need not wait for the claim to
  // lapse.
  virtual Task<Result<void>> release() { co_return Result<void>(); }
  // Of the daemon's store: the names of the agents that have a journal.
  virtual Task<Result<std::vector<std::string>>> agents() = 0;
  // The most bytes that a journal may have. It is compacted when it has half of them.
  [[nodiscard]] virtual std::size_t capacity() const { return std::size_t{64} * 1024 * 1024; }
  // Empty when the agent has no journal yet.
  virtual Task<Result<JournalBytes>> load() = 0;
  // Appends one line (no newline inside) as entry number `sequence`. Returns when it is durable.
  virtual Task<Append> append(std::uint64_t sequence, std::string line) = 0;
  // Cuts the journal after its first `size` bytes: removes a torn last line.
  virtual Task<Result<void>> truncate(std::size_t size) = 0;
  // Replaces all lines at once.
  virtual Task<Result<void>> compact(std::string bytes) = 0;
  // Moves a damaged journal aside; returns where it is now.
  virtual Task<Result<std::string>> set_aside() = 0;
};

}  // namespace upkeep::sdk
