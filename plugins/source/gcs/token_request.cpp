// SPDX-License-Identifier: Apache-2.0
#include "source/gcs/token_request.h"

#include <algorithm>

#include "shared/object_store/place.h"
#include "source/gcs/token_answer.h"
#include "source/gcs/token_place.h"

namespace upkeep::plugins::gcs {

using sdk::Errc;
using sdk::fail;

sdk::Task<sdk::Result<sdk::HttpResponse>> ask(sdk::Host& host, const Network& network, TokenQuestion question, sdk::BootTime deadline) {
  const sdk::Millis left = deadline - host.clock().boot_now();
  if (left <= sdk::Millis(0)) co_return fail(Errc::timeout, question.what + ": no time was left");
  sdk::HttpRequest request = std::move(question.request);
  request.ca_file = network.ca_file;
  request.proxy = network.proxy;
  request.plain = plain_for(request.url);
  request.timeout = std::min(left, question.at_most);
  const std::string place = shown_place(request.url);
  std::vector<std::string> secrets = std::move(question.secrets);
  const std::size_t as_they_are = secrets.size();  // and as a form holds them
  for (std::size_t i = 0; i < as_they_are; ++i) secrets.push_back(shared::object_store::percent_encoded(secrets[i], false));
  auto response = co_await host.http().fetch(std::move(request));
  // What could not be read has words of the server's in it, too.
  if (!response && gives_away(response.error().message, secrets, place))
    co_return fail(Errc::invalid, question.what + ": " + place + ": the answer repeats a credential");
  if (!response) co_return fail(question.what, response.error());
  if (response->status == 404 && !question.on_404.empty()) co_return fail(Errc::denied, question.what + ": " + question.on_404);
  if (response->status != 200) co_return fail(question.what, token_error(*response, place, secrets, host.clock().now()));
  co_return response;
}

sdk::HttpRequest form_request(const std::string& url, const std::vector<std::pair<std::string, std::string>>& members) {
  sdk::HttpRequest request(url);
  request.method = "POST";
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  for (const auto& [name, value] : members) {
    if (!request.body.empty()) request.body += '&';
    request.body += name + "=" + shared::object_store::percent_encoded(value, false);
  }
  return request;
}

}  // namespace upkeep::plugins::gcs
