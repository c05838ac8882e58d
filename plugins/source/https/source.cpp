// SPDX-License-Identifier: Apache-2.0
#include "source/https/source.h"

#include "shared/channel/loader.h"
#include "source/https/secret_files.h"

namespace upkeep::plugins::https {

using shared::channel::ObjectAnswer;

namespace {

constexpr int kMostRedirects = 5;
// An error page may be longer than a channel's file, and its status must still be seen.
constexpr std::size_t kMostPage = 64 * 1024;
// How validators are told apart in a cursor.
constexpr std::string_view kEtag = "etag:", kDate = "date:";

class HttpsReader final : public shared::channel::ObjectReader {
 public:
  HttpsReader(sdk::Host& host, const Settings& settings, std::vector<sdk::HttpHeader> credentials)
      : host_(host), settings_(settings), credentials_(std::move(credentials)), deadline_(host.clock().boot_now() + settings.timeout) {}

  sdk::Task<sdk::Result<ObjectAnswer>> read(std::string name, std::string validator) override {
    const std::string place = settings_.base + "/" + name;
    auto answer = co_await ask(std::move(name), std::move(validator));
    // What is read is shown and journalled, and so are errors. A server that says back what it was shown must not get it there.
    const bool repeated = answer ? repeats(answer->bytes, credentials_, place) || repeats(answer->validator, credentials_, place)
                                 : repeats(answer.error().message, credentials_, place);
    if (repeated) co_return sdk::fail(sdk::Errc::invalid, place + ": the answer repeats a credential");
    co_return answer;
  }

 private:
  sdk::Task<sdk::Result<ObjectAnswer>> ask(std::string name, std::string validator) {
    const std::string url = settings_.base + "/" + name;
    const sdk::Millis left = deadline_ - host_.clock().boot_now();
    if (left <= sdk::Millis(0))
      co_return sdk::fail(sdk::Errc::timeout, url + ": no time was left of " + sdk::format_duration(settings_.timeout));
    sdk::HttpRequest request(url);
    request.ca_file = settings_.ca_file;
    request.client_cert = settings_.credentials.client_cert;
    request.client_key = settings_.credentials.client_key;
    request.proxy = settings_.proxy;
    request.headers = credentials_;
    request.max_redirects = kMostRedirects;
    request.max_body = kMostPage;
    request.timeout = left;
    const std::string_view known = validator;
    if (known.starts_with(kEtag)) request.headers.emplace_back("If-None-Match", known.substr(kEtag.size()));
    if (known.starts_with(kDate)) request.headers.emplace_back("If-Modified-Since", known.substr(kDate.size()));

    const auto response = co_await host_.http().fetch(std::move(request));
    if (!response) co_return sdk::fail(response.error());
    ObjectAnswer answer;
    switch (response->status) {
      case 200:
        answer.kind = ObjectAnswer::Kind::found;
        answer.bytes = response->body;
        answer.validator = validator_of(*response);
        break;
      case 304:
        answer.kind = ObjectAnswer::Kind::not_modified;
        break;
      case 404:
      case 410:
        answer.kind = ObjectAnswer::Kind::missing;
        break;
      default:
        co_return sdk::fail(sdk::http_error(*response, url, host_.clock().now()));
    }
    co_return sdk::Result<ObjectAnswer>(std::move(answer));
  }

  static std::string validator_of(const sdk::HttpResponse& response) {
    if (const auto etag = response.header("etag"); !etag.empty()) return std::string(kEtag) + std::string(etag);
    if (const auto date = response.header("last-modified"); !date.empty()) return std::string(kDate) + std::string(date);
    return "";
  }

  sdk::Host& host_;
  const Settings& settings_;
  std::vector<sdk::HttpHeader> credentials_;
  sdk::BootTime deadline_;
};

}  // namespace

sdk::Task<sdk::Result<std::optional<sdk::Offer>>> HttpsSource::poll(const sdk::Offer* last) {
  auto credentials = read_credentials(host_.files(), settings_.credentials);
  if (!credentials) co_return sdk::fail(credentials.error());
  HttpsReader reader(host_, settings_, std::move(*credentials));
  co_return co_await shared::channel::load_plain(reader, settings_.base, last);
}

}  // namespace upkeep::plugins::https
