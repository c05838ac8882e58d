// SPDX-License-Identifier: Apache-2.0
#pragma once
// A source reads a channel's bytes. Meaning and trust are core's.

#include <optional>

#include "sdk/release.h"
#include "sdk/result.h"
#include "sdk/task.h"

namespace upkeep::sdk {

class Source {
 public:
  virtual ~Source() = default;
  // `last`: the offer that is stored, whose etag may be sent; nullptr reads everything. nullopt: unchanged since `last`.
  // An error leaves the release in force as it is; its code says how to back off, retry_after when the server named a time.
  // Transport is the source's business (retries are not): TLS, size and time bounds hold inside one poll.
  virtual Task<Result<std::optional<Offer>>> poll(const Offer* last) = 0;
  // Where it reads, for people: no credentials.
  [[nodiscard]] virtual std::string origin() const = 0;
};

}  // namespace upkeep::sdk
