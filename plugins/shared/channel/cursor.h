// SPDX-License-Identifier: Apache-2.0
#pragma once
// The cursor of an offer (Offer::etag): the validators of a channel's files in one text of at most 1 KiB.

#include <string>
#include <string_view>

namespace upkeep::shared::channel {

struct Cursor {
  std::string version, critical;  // validators; empty: none. A signed channel has one, of release.json, which stands for the version's
};

// A validator that does not fit (longer than 500 bytes, control characters) is left out: that file is then read whole.
[[nodiscard]] std::string encode(const Cursor& cursor);
// An empty cursor for a text that encode did not write.
[[nodiscard]] Cursor decode_cursor(std::string_view text);

}  // namespace upkeep::shared::channel
