// SPDX-License-Identifier: Apache-2.0
#include "shared/channel/http_object.h"

namespace upkeep::shared::channel {
namespace {

constexpr int kMostRedirects = 5;
// An error page may be longer than a channel's file, and its status must still be seen.
constexpr std::size_t kMostPage = 64 * 1024;
// How validators are told apart in a cursor.
constexpr std::string_view kEtag = "etag:", kDate = "date:";

std::string validator_of(const sdk::HttpResponse& response) {
  if (const auto etag = response.header("etag"); !etag.empty()) return std::string(kEtag) + std::string(etag);
  if (const auto date = response.header("last-modified"); !date.empty()) return std::string(kDate) + std::string(date);
  return "";
}

}  // namespace

void add_condition(sdk::HttpRequest& request, std::string_view validator) {
  if (validator.starts_with(kEtag)) request.headers.emplace_back("If-None-Match", validator.substr(kEtag.size()));
  if (validator.starts_with(kDate)) request.headers.emplace_back("If-Modified-Since", validator.substr(kDate.size()));
}

std::optional<ObjectAnswer> object_of(const sdk::HttpResponse& response) {
  ObjectAnswer answer;
  switch (response.status) {
    case 200:
      answer.kind = ObjectAnswer::Kind::found;
      answer.bytes = response.body;
      answer.validator = validator_of(response);
      return answer;
    case 304:
      answer.kind = ObjectAnswer::Kind::not_modified;
      return answer;
    case 404:
    case 410:
      return answer;
    default:
      return std::nullopt;
  }
}

sdk::Task<sdk::Result<ObjectAnswer>> read_object(sdk::Host& host, sdk::HttpRequest request, std::string validator, sdk::BootTime deadline) {
  const std::string url = request.url;
  const sdk::Millis left = deadline - host.clock().boot_now();
  if (left <= sdk::Millis(0))
    co_return sdk::fail(sdk::Errc::timeout, url + ": no time was left of " + sdk::format_duration(request.timeout));
  request.timeout = left;
  request.max_redirects = kMostRedirects;
  request.max_body = kMostPage;
  add_condition(request, validator);

  const auto response = co_await host.http().fetch(std::move(request));
  if (!response) co_return sdk::fail(response.error());
  auto answer = object_of(*response);
  if (!answer) co_return sdk::fail(sdk::http_error(*response, url, host.clock().now()));
  co_return sdk::Result<ObjectAnswer>(std::move(*answer));
}

}  // namespace upkeep::shared::channel
