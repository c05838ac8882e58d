// SPDX-License-Identifier: Apache-2.0
// A token that the platform writes into a file (a Kubernetes service account's), shown to STS for the credentials of a role. The request
// is not signed: the token is what proves who asks.
#include "shared/channel/credential_echo.h"
#include "shared/object_store/place.h"
#include "shared/object_store/refusal.h"
#include "source/s3/link.h"

namespace upkeep::plugins::s3 {

using sdk::Errc;
using sdk::Result;
using shared::channel::without_echo;
using shared::object_store::percent_encoded;

namespace {

constexpr std::string_view kSession = "upkeep";

class WebIdentityLink final : public Link {
 public:
  WebIdentityLink(sdk::Host& host, const CredentialSettings& settings) : host_(host), settings_(settings) {}
  [[nodiscard]] std::string name() const override { return "web-identity"; }

  sdk::Task<Result<LinkAnswer>> get(sdk::BootTime deadline) override {
    const std::string file = either(settings_.web_identity_token_file, "AWS_WEB_IDENTITY_TOKEN_FILE");
    if (file.empty()) co_return nothing("AWS_WEB_IDENTITY_TOKEN_FILE is not set");
    const auto token = read_token(host_, file);
    if (!token) co_return sdk::fail(token.error());
    auto request = ask(*token);
    if (!request) co_return sdk::fail(request.error());
    const auto left = time_left(host_, deadline);
    if (!left) co_return sdk::fail(left.error());
    request->timeout = *left;
    const std::string url = request->url;
    const std::vector<std::string> secrets = {*token, percent_encoded(*token, false)};
    const auto response = co_await host_.http().fetch(std::move(*request));
    if (!response) co_return sdk::fail(without_echo(response.error(), secrets, url));
    if (response->status != 200) {
      auto error = refusal_error(*response, shared::object_store::read_refusal(*response), url, "", host_.clock().now());
      if (error.code == Errc::invalid) error.code = Errc::denied;
      co_return sdk::fail(without_echo(error, secrets, url));
    }
    auto session = parse_sts(response->body);
    if (!session) co_return sdk::fail(url, session.error());
    co_return found(std::move(*session), clock_by(host_, *response));
  }

 private:
  // The configuration's word, else the environment's.
  std::string either(const std::string& configured, const std::string& name) {
    return configured.empty() ? variable(host_, name) : configured;
  }

  Result<sdk::HttpRequest> ask(const std::string& token) {
    const std::string role = either(settings_.role_arn, "AWS_ROLE_ARN"),
                      session = either(settings_.role_session_name, "AWS_ROLE_SESSION_NAME");
    if (role.empty() && settings_.sts_endpoint.empty())
      return sdk::fail(Errc::invalid, "no role is named: neither role_arn nor AWS_ROLE_ARN");

    sdk::HttpRequest request(
        (settings_.sts_endpoint.empty() ? shared::object_store::amazon_endpoint("sts", settings_.region) : settings_.sts_endpoint) + "/");
    request.method = "POST";
    request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    request.body = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15";
    const auto add = [&](const std::string& name, std::string_view value) {
      request.body += "&" + name + "=" + percent_encoded(value, false);
    };
    if (!role.empty()) add("RoleArn", role);
    add("RoleSessionName", session.empty() ? kSession : session);
    add("WebIdentityToken", token);
    request.ca_file = settings_.ca_file;
    request.proxy = settings_.proxy;
    return request;
  }

  sdk::Host& host_;
  CredentialSettings settings_;
};

}  // namespace

std::unique_ptr<Link> web_identity_link(sdk::Host& host, const CredentialSettings& settings) {
  return std::make_unique<WebIdentityLink>(host, settings);
}

}  // namespace upkeep::plugins::s3
