// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where an agent's journal lives. A state store keeps lines; what they mean is core's.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/result.h"
#include "sdk/task.h"

namespace upkeep::sdk {

struct JournalBytes {
  std::string bytes;  // all lines, each ended by a newline; a torn last line as it is
};

enum class Append {
  done,     // durable
  lost,     // somebody else wrote in between: load again, decide again
  unknown,  // the write failed or was cut off: load and compare before going on
};

class State {
 public:
  virtual ~State() = default;
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
