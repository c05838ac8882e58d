// SPDX-License-Identifier: Apache-2.0
#pragma once
// What an object store's answer means that is not the object, and one of STS that is no credentials. Pure. Of the page that comes with it
// only the code and the region are taken: its other words can hold key ids and signatures.

#include <string>
#include <string_view>

#include "sdk/http.h"

namespace upkeep::shared::object_store {

// Both empty when the page does not say it, or says something that cannot be one.
struct Refusal {
  std::string code;    // "NoSuchKey", up to 64 letters and digits
  std::string region;  // where the bucket is: the header x-amz-bucket-region, else the page
};

// Of an answer that is the object, or the one that is had already (200, 304): nothing.
[[nodiscard]] Refusal read_refusal(const sdk::HttpResponse& response);

// A code as services write theirs, up to 64 letters and digits; "": it is none, and may be anything.
[[nodiscard]] std::string code_of(std::string_view text);

// Whether the store sends the request to another place: then Refusal::region says where.
[[nodiscard]] bool is_elsewhere(const sdk::HttpResponse& response);

// Whether who asked is not known (any more), so that other credentials could help. Not: they are known, and may not.
[[nodiscard]] bool blames_credentials(const sdk::HttpResponse& response, const Refusal& refusal);

// sdk::http_error with the store's code and what it means here. `who`: "these credentials", "anonymous requests", or empty when
// what is asked for is no object; `now` tells how far the clock is off when the store complains about it.
[[nodiscard]] sdk::Error refusal_error(const sdk::HttpResponse& response, const Refusal& refusal, std::string_view what,
                                       std::string_view who, sdk::TimePoint now);

// How far this host's clock is off the server's, by the date of its answer.
[[nodiscard]] std::string about_the_clock(const sdk::HttpResponse& response, sdk::TimePoint now);

}  // namespace upkeep::shared::object_store
