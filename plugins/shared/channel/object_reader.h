// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where a channel's files lie, for the loader that all channel sources share: a web server, a folder, a bucket. A
// source is little more than one of these.

#include <string>

#include "sdk/result.h"
#include "sdk/task.h"

namespace upkeep::shared::channel {

// A channel's file is longer than this only by mistake.
inline constexpr std::size_t kMostBytes = 4096;

struct ObjectAnswer {
  enum class Kind { found, not_modified, missing };
  Kind kind = Kind::missing;
  std::string bytes;      // found
  std::string validator;  // found: what proves later that the bytes are still these (an ETag, a date); empty: nothing does
};

class ObjectReader {
 public:
  virtual ~ObjectReader() = default;
  // The file of that name ("version") below the channel. `validator`: of the bytes that are known already; when it is
  // empty the answer must not be not_modified. Must bound what it reads; the message of an error names the place.
  virtual sdk::Task<sdk::Result<ObjectAnswer>> read(std::string name, std::string validator) = 0;
};

}  // namespace upkeep::shared::channel
