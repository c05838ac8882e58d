// SPDX-License-Identifier: Apache-2.0
// The role of an EC2 instance, from its metadata service, version 2 alone: a session token is asked for with PUT, which a request that
// somebody tricked a proxy into making seldom can. Version 1, which does without, is not spoken.
#include <algorithm>

#include "sdk/text.h"
#include "shared/channel/credential_echo.h"
#include "shared/object_store/place.h"
#include "source/s3/link.h"
#include "source/s3/metadata_address.h"

namespace upkeep::plugins::s3 {

using sdk::Errc;
using sdk::Result;
using shared::channel::without_echo;

namespace {

constexpr std::size_t kMostPage = 16 * 1024, kMostRole = 64;
constexpr sdk::Millis kLongestAnswer = std::chrono::seconds(1);  // of each request: it is on this host's link, or it is not there
constexpr std::string_view kRoles = "/latest/meta-data/iam/security-credentials/";

bool is_role(std::string_view text) {
  return !text.empty() && text.size() <= kMostRole && std::all_of(text.begin(), text.end(), [](char c) {
    return sdk::is_letter(c) || sdk::is_digit(c) || std::string_view("_+=,.@-").find(c) != std::string_view::npos;
  });
}

class InstanceLink final : public Link {
 public:
  explicit InstanceLink(sdk::Host& host) : host_(host) {}
  [[nodiscard]] std::string name() const override { return "instance"; }
  [[nodiscard]] bool outlives() const override { return true; }

  sdk::Task<Result<LinkAnswer>> get(sdk::BootTime deadline) override {
    if (sdk::lower(variable(host_, "AWS_EC2_METADATA_DISABLED")) == "true") co_return nothing("AWS_EC2_METADATA_DISABLED is true");
    const auto base = where();
    if (!base) co_return sdk::fail("AWS_EC2_METADATA_SERVICE_ENDPOINT", base.error());
    if (const auto left = time_left(host_, deadline); !left) co_return sdk::fail(left.error());
    for (bool again = false;; again = true) {
      const auto token = co_await ask(*base, "PUT", "/latest/api/token", "X-aws-ec2-metadata-token-ttl-seconds", "21600", deadline);
      if (!token && (token.error().code == Errc::timeout || token.error().code == Errc::transient))
        co_return nothing("no instance metadata service answers (to a container it does only with a hop limit above 1)",
                          token.error().code);
      if (!token) co_return sdk::fail(token.error());
      if (token->status == 403 || token->status == 404) co_return nothing("the instance metadata service is turned off");
      if (token->status != 200 || token->body.empty()) co_return refused(*base, "/latest/api/token", *token);

      const auto roles = co_await ask(*base, "GET", std::string(kRoles), kTokenHeader, token->body, deadline);
      if (!roles) co_return sdk::fail(roles.error());
      if (roles->status == 401 && !again) continue;
      if (roles->status == 404) co_return nothing("the instance has no role");
      const std::string role(sdk::trimmed(std::string_view(roles->body).substr(0, roles->body.find('\n'))));
      if (roles->status != 200 || !is_role(role) || role == token->body) co_return refused(*base, kRoles, *roles);

      const std::string path = std::string(kRoles) + shared::object_store::percent_encoded(role, false);
      const auto answer = co_await ask(*base, "GET", path, kTokenHeader, token->body, deadline);
      if (!answer) co_return sdk::fail(answer.error());
      if (answer->status == 401 && !again) continue;
      if (answer->status != 200) co_return refused(*base, path, *answer);
      auto session = parse_metadata(answer->body);
      if (!session) {
        const sdk::Error error(session.error().code, base->url + path + ": " + session.error().message);
        co_return sdk::fail(without_echo(error, {token->body}, base->url + path));
      }
      co_return found(std::move(*session));
    }
  }

 private:
  static constexpr const char* kTokenHeader = "X-aws-ec2-metadata-token";

  Result<MetadataAddress> where() {
    if (const std::string url = variable(host_, "AWS_EC2_METADATA_SERVICE_ENDPOINT"); !url.empty()) return instance_base(url);
    const bool six = sdk::lower(variable(host_, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")) == "ipv6";
    return instance_base(six ? "http://[fd00:ec2::254]" : "http://169.254.169.254");
  }

  sdk::Task<Result<sdk::HttpResponse>> ask(const MetadataAddress& base, std::string method, std::string path, std::string header,
                                           std::string value, sdk::BootTime deadline) {
    sdk::HttpRequest request(base.url + path);
    request.method = std::move(method);
    request.headers.emplace_back(std::move(header), std::move(value));
    request.plain = base.plain;
    request.proxy = "";
    request.max_body = kMostPage;
    const auto left = time_left(host_, deadline, kLongestAnswer);
    if (!left) co_return sdk::fail(left.error());
    request.timeout = *left;
    const std::vector<std::string> secrets = {request.headers.back().second};
    const std::string place = request.url;
    auto response = co_await host_.http().fetch(std::move(request));
    if (!response) co_return sdk::fail(without_echo(response.error(), secrets, place));
    co_return response;
  }

  tl::unexpected<sdk::Error> refused(const MetadataAddress& base, std::string_view path, const sdk::HttpResponse& response) {
    const std::string place = base.url + std::string(path);
    if (response.status == 200) return sdk::fail(Errc::internal, place + ": the answer is not what it should be");
    return sdk::fail(sdk::http_error(response, place, host_.clock().now()));
  }

  sdk::Host& host_;
};

}  // namespace

std::unique_ptr<Link> instance_link(sdk::Host& host) { return std::make_unique<InstanceLink>(host); }

}  // namespace upkeep::plugins::s3
