// SPDX-License-Identifier: Apache-2.0
// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary keys, AWS_SESSION_TOKEN.
#include "source/s3/link.h"

namespace upkeep::plugins::s3 {

using sdk::Result;

namespace {

class EnvironmentLink final : public Link {
 public:
  explicit EnvironmentLink(sdk::Host& host) : host_(host) {}
  [[nodiscard]] std::string name() const override { return "environment"; }
  sdk::Task<Result<LinkAnswer>> get(sdk::BootTime /*deadline*/) override { co_return look(); }

 private:
  Result<LinkAnswer> look() {
    Session session;
    session.keys = {variable(host_, "AWS_ACCESS_KEY_ID"), variable(host_, "AWS_SECRET_ACCESS_KEY"), variable(host_, "AWS_SESSION_TOKEN")};
    if (session.keys.id.empty() && session.keys.secret.empty()) return nothing("AWS_ACCESS_KEY_ID is not set");
    if (session.keys.id.empty() || session.keys.secret.empty())
      return sdk::fail(sdk::Errc::invalid, "one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set without the other");
    if (const std::string problem = keys_problem(session.keys); !problem.empty()) return sdk::fail(sdk::Errc::invalid, problem);
    return found(std::move(session));
  }

  sdk::Host& host_;
};

}  // namespace

std::unique_ptr<Link> environment_link(sdk::Host& host) { return std::make_unique<EnvironmentLink>(host); }

}  // namespace upkeep::plugins::s3
