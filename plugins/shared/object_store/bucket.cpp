// SPDX-License-Identifier: Apache-2.0
#include "shared/object_store/bucket.h"

#include "shared/channel/credential_echo.h"
#include "shared/channel/http_object.h"
#include "shared/object_store/refusal.h"

namespace upkeep::shared::object_store {

using channel::ObjectAnswer;
using channel::repeats;
using sdk::Errc;
using sdk::Result;

namespace {

// Of an answer; an error page is longer than a channel's file, and its code must still be seen.
constexpr std::size_t kMostAnswer = 64 * 1024;

// What else may be missing than the object is none of it: the bucket, or who asks.
bool is_good(const sdk::HttpResponse& response, const Refusal& refusal) {
  const bool no_object = response.status == 404 && (refusal.code.empty() || refusal.code == "NoSuchKey");
  return response.status == 200 || response.status == 304 || no_object;
}

}  // namespace

// The answer, 200, 304 or 404 (no such object), to a request that has everything but its URL and who asks.
sdk::Task<Result<sdk::HttpResponse>> Bucket::exchange(sdk::HttpRequest request, std::string key, sdk::BootTime deadline) {
  request.ca_file = settings_.ca_file;
  request.proxy = settings_.proxy;
  request.max_body = kMostAnswer;
  std::vector<std::string> secrets, unspoken;  // the latter: with what belongs in no message
  bool moved = false, renewed = false;
  while (true) {
    request.url = object_url(settings_.place, key);
    const std::string url = request.url;
    sdk::HttpRequest attempt = request;
    if (authorizer_) {
      auto who = co_await authorizer_->authorise(request, settings_.place.region, deadline);
      if (!who) co_return sdk::fail(shown(settings_.place, key), who.error());
      attempt.headers.insert(attempt.headers.end(), who->headers.begin(), who->headers.end());
      secrets.insert(secrets.end(), who->secrets.begin(), who->secrets.end());
      unspoken.insert(unspoken.end(), who->secrets.begin(), who->secrets.end());
      unspoken.insert(unspoken.end(), who->ids.begin(), who->ids.end());
    }
    attempt.timeout = deadline - host_.clock().boot_now();
    if (attempt.timeout <= sdk::Millis(0)) co_return sdk::fail(Errc::timeout, url + ": no time was left for it");

    auto response = co_await host_.http().fetch(std::move(attempt));
    if (!response) co_return sdk::fail(channel::without_echo(response.error(), unspoken, url));
    // What is read is shown and journalled, and so are errors. A server that says back what it was shown must not get it there.
    const tl::unexpected<sdk::Error> echo = sdk::fail(Errc::invalid, url + ": the answer repeats a credential");
    const Refusal refusal = read_refusal(*response);
    if (is_good(*response, refusal)) {
      const auto validator = std::string(response->header("etag")) + std::string(response->header("last-modified"));
      if (repeats(response->body, secrets, url) || repeats(validator, unspoken, url)) co_return echo;
      co_return response;
    }
    if (repeats(refusal.code + " " + refusal.region, unspoken, url)) co_return echo;

    if (is_elsewhere(*response) && !moved && !refusal.region.empty() && refusal.region != settings_.place.region) {
      moved = true;
      host_.log(sdk::LogLevel::info, "the bucket " + settings_.place.bucket + " is in region " + refusal.region +
                                         (settings_.place.region.empty() ? "" : ", not " + settings_.place.region));
      settings_.place.region = refusal.region;
      continue;
    }
    const bool certain = blames_credentials(*response, refusal);
    const bool perhaps = certain || (response->status == 403 && refusal.code != "RequestTimeTooSkewed");
    if (perhaps && authorizer_ && !renewed && authorizer_->refused(certain)) {
      renewed = true;
      continue;
    }
    const std::string_view asker = authorizer_ ? "these credentials" : "anonymous requests";
    co_return sdk::fail(refusal_error(*response, refusal, url, asker, host_.clock().now()));
  }
}

sdk::Task<Result<ObjectAnswer>> Bucket::read(std::string key, std::string validator, sdk::BootTime deadline) {
  sdk::HttpRequest request("");
  channel::add_condition(request, validator);
  const auto response = co_await exchange(std::move(request), std::move(key), deadline);
  if (!response) co_return sdk::fail(response.error());
  co_return channel::object_of(*response).value_or(ObjectAnswer());
}

sdk::Task<Result<void>> Bucket::write(std::string key, sdk::Object object, sdk::BootTime deadline) {
  sdk::HttpRequest request("");
  request.method = "PUT";
  request.body = std::move(object.bytes);
  if (!object.content_type.empty()) request.headers.emplace_back("Content-Type", object.content_type);
  if (!object.cache_control.empty()) request.headers.emplace_back("Cache-Control", object.cache_control);
  const auto response = co_await exchange(std::move(request), key, deadline);
  if (!response) co_return sdk::fail(response.error());
  if (response->status != 200) co_return sdk::fail(Errc::invalid, shown(settings_.place, key) + ": the store does not write it");
  co_return Result<void>();
}

sdk::Task<Result<ObjectAnswer>> BucketReader::read(std::string name, std::string validator) {
  co_return co_await bucket_.read(folder_ + "/" + name, std::move(validator), deadline_);
}

}  // namespace upkeep::shared::object_store
