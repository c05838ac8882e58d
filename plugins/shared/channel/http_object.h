// SPDX-License-Identifier: Apache-2.0
#pragma once
// The HTTP half of an ObjectReader, for web servers and buckets.

#include <optional>
#include <string>

#include "sdk/host.h"
#include "shared/channel/object_reader.h"

namespace upkeep::shared::channel {

// One GET of what the request names: whom to trust, what to show, and the timeout of the whole poll, which is over at `deadline`.
// As ObjectReader::read: an ETag, else a date, is the validator; 404 and 410 mean missing, every other status but 200 and 304 is an
// error (sdk::http_error), and so is a page that is too long.
[[nodiscard]] sdk::Task<sdk::Result<ObjectAnswer>> read_object(sdk::Host& host, sdk::HttpRequest request, std::string validator,
                                                               sdk::BootTime deadline);

// Its two halves, for those who have more to say to the server.
// Asks only for what has changed since `validator`.
void add_condition(sdk::HttpRequest& request, std::string_view validator);
// What 200, 304, 404 and 410 mean; nullopt: all others.
[[nodiscard]] std::optional<ObjectAnswer> object_of(const sdk::HttpResponse& response);

}  // namespace upkeep::shared::channel
