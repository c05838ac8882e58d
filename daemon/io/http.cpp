// SPDX-License-Identifier: Apache-2.0
#include "io/http.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <tuple>

#include "io/curl_loop.h"
#include "io/http_exchange.h"
#include "io/this_host.h"
#include "io/trust.h"
#include "sdk/socket_address.h"
#include "sdk/text.h"

namespace upkeep::io {

using sdk::Errc;
using sdk::fail;
using sdk::HttpRequest;
using sdk::HttpResponse;
using sdk::Result;
using sdk::Task;

namespace {

// What is longer would fill log and status.
constexpr std::size_t kMostShown = 1000;

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) || std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

// A line end in a header would begin another one, or another request.
Result<void> check(const HttpRequest& request, const HttpAddress& address) {
  if (!is_token(request.method)) return fail(Errc::invalid, address.shown + ": impossible method");
  for (const auto& [name, value] : request.headers)
    if (!is_token(name) || value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
      return fail(Errc::invalid, address.shown + ": impossible header" + (is_token(name) ? " " + name : ""));
  const std::tuple<const char*, const std::string&, const std::string&> given[] = {
      {"ca", request.ca_file, request.ca_pem},
      {"client_cert", request.client_cert, request.client_cert_pem},
      {"client_key", request.client_key, request.client_key_pem},
  };
  for (const auto& [what, file, bytes] : given)
    if (!file.empty() && !bytes.empty()) return fail(Errc::invalid, address.shown + ": " + what + " is given as a file and as bytes");
  if (request.this_host && request.unix_socket.empty()) {
    const auto to = request.connect_to.empty() ? Result<sdk::SocketAddress>(sdk::SocketAddress{address.host, 0, false, false})
                                               : sdk::parse_socket_address(request.connect_to);
    if (!to) return fail(to.error());
    if (!is_this_host(to->host))
      return fail(Errc::unsupported, address.shown + ": " + sdk::quoted(to->host) + " is no address of this host");
  }
  return may_use(address, request);
}

// They are another address's: the next redirect may lead to a third one, which would take them for its own.
void drop_validators(HttpResponse& response) {
  std::erase_if(response.headers, [](const auto& header) { return header.first == "etag" || header.first == "last-modified"; });
}

Result<HttpAddress> next_address(const std::string& url, const HttpAddress& from) {
  auto next = parse_address(url);
  if (!next) return fail(from.shown + ": redirected", next.error());
  if (next->shown.size() > kMostShown)
    return fail(Errc::invalid, from.shown + ": redirected to an address of " + std::to_string(next->shown.size()) + " characters");
  if (next->scheme != "https") return fail(Errc::invalid, from.shown + ": redirected to " + next->shown + ", but only https is followed");
  if (is_link_local(next->host) && !next->same_origin(from))
    return fail(Errc::invalid, from.shown + ": redirected to " + next->shown + ", a link-local address, where no redirect is followed");
  return next;
}

}  // namespace

CurlHttp::CurlHttp(const asio::any_io_executor& executor) : loop_(std::make_shared<CurlLoop>(executor)), system_ca_(system_ca_file()) {}
CurlHttp::~CurlHttp() = default;

Task<Result<HttpResponse>> CurlHttp::fetch(HttpRequest request) { return run(loop_, system_ca_, std::move(request), nullptr); }

Task<Result<HttpResponse>> CurlHttp::stream(HttpRequest request, sdk::LineSink& sink) {
  return run(loop_, system_ca_, std::move(request), &sink);
}

Task<Result<HttpResponse>> CurlHttp::run(std::shared_ptr<CurlLoop> loop, std::string system_ca, HttpRequest request, sdk::LineSink* sink) {
  const auto started = std::chrono::steady_clock::now();
  const auto origin = parse_address(request.url);
  if (!origin) co_return fail(origin.error());
  if (const auto good = check(request, *origin); !good) co_return fail(good.error());

  HttpAddress address = *origin;
  bool elsewhere = false;  // for good: what another origin sends back to the first one is its wish, not ours
  for (int redirects = 0;; ++redirects) {
    const auto spent = std::chrono::duration_cast<sdk::Millis>(std::chrono::steady_clock::now() - started);
    if (spent >= request.timeout)
      co_return fail(Errc::timeout, origin->shown + ": no answer within " + sdk::format_duration(request.timeout));
    HttpExchange exchange(request, address, elsewhere, system_ca, request.timeout - spent, sink);
    const auto code = co_await CurlLoop::perform(loop, exchange.easy());
    if (!code) co_return fail(Errc::cancelled, address.shown + ": stopped");
    auto answer = exchange.finish(*code);
    const std::string location = answer && request.max_redirects > 0 ? exchange.redirect() : std::string();
    if (answer && redirects > 0) drop_validators(*answer);
    if (location.empty()) co_return answer;
    if (redirects == request.max_redirects)
      co_return fail(Errc::invalid, origin->shown + ": more than " + std::to_string(request.max_redirects) + " redirects");
    auto next = next_address(location, address);
    if (!next) co_return fail(next.error());
    address = std::move(*next);
    elsewhere = elsewhere || !address.same_origin(*origin);
  }
}

}  // namespace upkeep::io
