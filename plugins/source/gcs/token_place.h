// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where credentials may be sent: the addresses that a credential file names, before anything goes there.

#include <string>
#include <string_view>

#include "sdk/http.h"

namespace upkeep::plugins::gcs {

// "" when a credential may go there: https, or plain http to this host itself. A query is no place; else what is wrong with it.
[[nodiscard]] std::string token_place_problem(std::string_view url);
// As above, and the host is one of Google's (below googleapis.com) or this host.
[[nodiscard]] std::string google_place_problem(std::string_view url);
// Where a token may come from: as token_place_problem, but a query may stand in it, and a cloud's metadata service answers in plain http.
[[nodiscard]] std::string subject_place_problem(std::string_view url);

// What plain text a request to it may use; the daemon's HTTP holds the address against it.
[[nodiscard]] sdk::PlainHttp plain_for(std::string_view url);
// Without what follows the path.
[[nodiscard]] std::string shown_place(std::string_view url);

}  // namespace upkeep::plugins::gcs
