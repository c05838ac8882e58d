// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where a channel's files lie, for the loader that all channel sources share: a web server, a folder, a bucket. A
// source is little more than one of these.

#include <string>
#include <string_view>

#include "sdk/result.h"
#include "sdk/task.h"

namespace upkeep::shared::channel {

// A channel's file is longer than this only by mistake: release.json, and any other one.
inline constexpr std::size_t kMostDocumentBytes = 64 * 1024, kMostBytes = 4096;
[[nodiscard]] inline std::size_t most_bytes(std::string_view name) { return name == "release.json" ? kMostDocumentBytes : kMostBytes; }

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
