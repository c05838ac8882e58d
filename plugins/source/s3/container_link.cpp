// SPDX-License-Identifier: Apache-2.0
// The credentials that ECS and EKS Pod Identity give to a container, from an address that they put into its environment. At ECS whoever
// knows its path has them, so messages name the host alone.
#include <algorithm>

#include "sdk/text.h"
#include "shared/channel/credential_echo.h"
#include "source/s3/link.h"
#include "source/s3/metadata_address.h"

namespace upkeep::plugins::s3 {

using sdk::Result;

namespace {

constexpr std::size_t kMostCredentials = 16 * 1024;

class ContainerLink final : public Link {
 public:
  explicit ContainerLink(sdk::Host& host) : host_(host) {}
  [[nodiscard]] std::string name() const override { return "container"; }

  sdk::Task<Result<LinkAnswer>> get(sdk::BootTime deadline) override {
    const std::string path = variable(host_, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
                      url = variable(host_, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (path.empty() && url.empty()) co_return nothing("AWS_CONTAINER_CREDENTIALS_FULL_URI is not set");
    const auto address = path.empty() ? container_url(url) : container_path(path);
    if (!address)
      co_return sdk::fail(path.empty() ? "AWS_CONTAINER_CREDENTIALS_FULL_URI" : "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", address.error());
    sdk::HttpRequest request(address->url);
    request.plain = address->plain;
    request.proxy = "";
    request.max_body = kMostCredentials;
    const auto token = authorization();
    if (!token) co_return sdk::fail(token.error());
    if (!token->empty()) request.headers.emplace_back("Authorization", *token);
    const auto left = time_left(host_, deadline);
    if (!left) co_return sdk::fail(left.error());
    request.timeout = *left;

    const std::string place = host_of(address->url);
    const auto refuse = [&](sdk::Errc code, std::string_view why) {
      return sdk::fail(shared::channel::without_echo({code, place + ": " + std::string(why)}, secrets_of(*address, *token), place));
    };
    const auto response = co_await host_.http().fetch(std::move(request));
    if (!response) {  // "URL: why"
      const std::string_view message = response.error().message;
      const auto why = message.find(": ");
      co_return refuse(response.error().code, why == std::string_view::npos ? message : message.substr(why + 2));
    }
    if (response->status != 200) co_return sdk::fail(sdk::http_error(*response, place, host_.clock().now()));
    auto session = parse_metadata(response->body);
    if (!session) co_return refuse(session.error().code, session.error().message);
    co_return found(std::move(*session), clock_by(host_, *response));
  }

 private:
  // "http://169.254.170.2" of a URL with that host.
  static std::string host_of(const std::string& url) { return url.substr(0, url.find_first_of("/?", url.find("://") + 3)); }

  // What a message must not repeat: the words of the token, and of the address those that are long enough to be one.
  static std::vector<std::string> secrets_of(const MetadataAddress& address, const std::string& token) {
    constexpr std::size_t kLeast = 16;
    std::vector<std::string> out;
    for (const std::string_view word : sdk::split(token, ' ')) out.emplace_back(word);
    std::string path = address.url.substr(host_of(address.url).size());
    std::replace_if(
        path.begin(), path.end(), [](char c) { return std::string_view("/?&=").find(c) != std::string_view::npos; }, ' ');
    for (const std::string_view word : sdk::split(path, ' '))
      if (word.size() >= kLeast) out.emplace_back(word);
    return out;
  }

  // A token of the environment that could be no header is refused where it is sent.
  Result<std::string> authorization() {
    const std::string file = variable(host_, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    return file.empty() ? variable(host_, "AWS_CONTAINER_AUTHORIZATION_TOKEN") : read_token(host_, file);
  }

  sdk::Host& host_;
};

}  // namespace

std::unique_ptr<Link> container_link(sdk::Host& host) { return std::make_unique<ContainerLink>(host); }

}  // namespace upkeep::plugins::s3
