// SPDX-License-Identifier: Apache-2.0
#include "source/https/source.h"

#include "shared/channel/credential_echo.h"
#include "shared/channel/http_object.h"
#include "shared/channel/loader.h"
#include "source/https/secret_files.h"

namespace upkeep::plugins::https {

using shared::channel::ObjectAnswer;
using shared::channel::repeats;

namespace {

class HttpsReader final : public shared::channel::ObjectReader {
 public:
  HttpsReader(sdk::Host& host, const Settings& settings, std::vector<sdk::HttpHeader> credentials)
      : host_(host), settings_(settings), credentials_(std::move(credentials)), deadline_(host.clock().boot_now() + settings.timeout) {}

  sdk::Task<sdk::Result<ObjectAnswer>> read(std::string name, std::string validator) override {
    const std::string place = settings_.base + "/" + name;
    sdk::HttpRequest request(place);
    request.ca_file = settings_.ca_file;
    request.client_cert = settings_.credentials.client_cert;
    request.client_key = settings_.credentials.client_key;
    request.proxy = settings_.proxy;
    request.headers = credentials_;
    request.timeout = settings_.timeout;
    auto answer = co_await shared::channel::read_object(host_, std::move(request), std::move(validator), deadline_);
    // What is read is shown and journalled, and so are errors. A server that says back what it was shown must not get it there.
    const bool repeated = answer ? repeats(answer->bytes, credentials_, place) || repeats(answer->validator, credentials_, place)
                                 : repeats(answer.error().message, credentials_, place);
    if (repeated) co_return sdk::fail(sdk::Errc::invalid, place + ": the answer repeats a credential");
    co_return answer;
  }

 private:
  sdk::Host& host_;
  const Settings& settings_;
  std::vector<sdk::HttpHeader> credentials_;
  sdk::BootTime deadline_;
};

}  // namespace

sdk::Task<sdk::Result<std::optional<sdk::Offer>>> HttpsSource::poll(const sdk::Offer* last, const sdk::Wanted& wanted) {
  auto credentials = read_credentials(host_.files(), settings_.credentials);
  if (!credentials) co_return sdk::fail(credentials.error());
  HttpsReader reader(host_, settings_, std::move(*credentials));
  co_return co_await shared::channel::load(reader, settings_.base, last, wanted);
}

}  // namespace upkeep::plugins::https
