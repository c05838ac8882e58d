// SPDX-License-Identifier: Apache-2.0
#pragma once
// Why an API server did not do what it was asked: a Status object with its HTTP code, or no answer at all.

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "sdk/http.h"
#include "sdk/result.h"
#include "sdk/time.h"

namespace upkeep::plugins::shared::kube {

struct Failure {
  // The reaction: transient (0, 429 and 5xx, with Retry-After), busy (409), denied (401, 403: names the verb and the resource), invalid
  // (404, 410, 422, any other).
  sdk::Error error;
  int status = 0;      // HTTP; 0: there was no answer, so that a write may have happened or not
  std::string reason;  // the Status object's word: "NotFound", "Conflict", "AlreadyExists", "Expired"; empty: it has none

  [[nodiscard]] bool is(int code) const { return status == code; }
  // A write may have been done all the same: no answer, or a server's own error, which may come after etcd has it.
  [[nodiscard]] bool unknown() const { return status == 0 || status >= 500; }
};

template <typename T>
using Answer = tl::expected<T, Failure>;

// What an answer other than 2xx means. `asked`: "patch deployment default/web".
[[nodiscard]] Failure failure_of(const sdk::HttpResponse& response, std::string_view asked, sdk::TimePoint now);

}  // namespace upkeep::plugins::shared::kube
