// SPDX-License-Identifier: Apache-2.0
#pragma once
// A source reads a channel's bytes. Meaning and trust are core's.

#include <optional>
#include <string>
#include <vector>

#include "sdk/release.h"
#include "sdk/result.h"
#include "sdk/task.h"

namespace upkeep::sdk {

// Which files of a channel a poll reads.
struct Wanted {
  bool signed_document = false;  // release.json with its signatures, and nothing else; false: the plain files, and nothing else
  // Ids of the keys whose signatures are looked for beside release.json.minisig, as release.json.ID.minisig: 16 upper-case hexadecimal
  // digits each.
  std::vector<std::string> key_ids;
};

// A file of a channel, on its way to where hosts read it.
struct Object {
  std::string name;  // "version", "release.json", "release.json.minisig", …
  std::string bytes;
  std::string content_type;   // "text/plain; charset=utf-8"
  std::string cache_control;  // "max-age=60"
};

class Source {
 public:
  virtual ~Source() = default;
  // `last`: the offer that is stored, whose etag may be sent; nullptr reads everything. nullopt: unchanged since `last`. An offer is of
  // the kind that is wanted: a signed one too when its signatures do not fit, for that is core's to judge.
  // An error leaves the release in force as it is; its code says how to back off, retry_after when the server named a time.
  // Transport is the source's business (retries are not): TLS, size and time bounds hold inside one poll.
  virtual Task<Result<std::optional<Offer>>> poll(const Offer* last, const Wanted& wanted) = 0;
  // Where it reads, for people: no credentials.
  [[nodiscard]] virtual std::string origin() const = 0;
  // For publishers, who must know what they overwrite: one file as it is there now; nullopt: it does not exist. denied: it may not be
  // read, as a store may also say of what does not exist. Default: unsupported.
  virtual Task<Result<std::optional<std::string>>> get(std::string name);
  // For publishers: writes one file of the channel, whole or not at all. The daemon never does. Default: unsupported.
  virtual Task<Result<void>> put(Object object);
};

}  // namespace upkeep::sdk
