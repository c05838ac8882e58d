// SPDX-License-Identifier: Apache-2.0
#pragma once
// The places where Amazon's tools look for credentials, one class each. What is configured but broken is an error that names it; only
// what is not there at all leaves the question to the next one. No message repeats a secret.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sdk/host.h"
#include "source/s3/session.h"

namespace upkeep::plugins::s3 {

struct LinkAnswer {
  std::optional<Session> session;
  std::string nothing;                 // without one: what was not there
  sdk::Errc code = sdk::Errc::denied;  // without one: what that is as an error, transient or timeout where nobody answered
  std::string clock;                   // with one: how far this host's clock is off that of whoever gave it; may be empty
};

[[nodiscard]] inline LinkAnswer found(Session session, std::string clock = "") {
  return {std::move(session), "", sdk::Errc::denied, std::move(clock)};
}
[[nodiscard]] inline LinkAnswer nothing(std::string why, sdk::Errc code = sdk::Errc::denied) {
  return {std::nullopt, std::move(why), code, ""};
}

class Link {
 public:
  virtual ~Link() = default;
  // As in `credentials = "…"`.
  [[nodiscard]] virtual std::string name() const = 0;
  virtual sdk::Task<sdk::Result<LinkAnswer>> get(sdk::BootTime deadline) = 0;
  // Whether what it gave is worth using after it has expired, since whoever takes it may still do so.
  [[nodiscard]] virtual bool outlives() const { return false; }
};

// What the configuration says about credentials; all of it may be empty.
struct CredentialSettings {
  std::string profile, credentials_file;                             // files
  std::string web_identity_token_file, role_arn, role_session_name;  // web identity
  std::string sts_endpoint, region;                                  // the region decides which of Amazon's is asked
  std::string ca_file;                                               // for STS; the system's trust store when it is empty
  std::optional<std::string> proxy;                                  // for STS; metadata is never asked through one
};

std::unique_ptr<Link> environment_link(sdk::Host& host);
std::unique_ptr<Link> web_identity_link(sdk::Host& host, const CredentialSettings& settings);
std::unique_ptr<Link> files_link(sdk::Host& host, const CredentialSettings& settings);
std::unique_ptr<Link> container_link(sdk::Host& host);
std::unique_ptr<Link> instance_link(sdk::Host& host);

// The link of that name alone, or for "chain" all in the order of Amazon's tools.
std::vector<std::unique_ptr<Link>> links(sdk::Host& host, const std::string& name, const CredentialSettings& settings);

// What one request of a link may still take of the time until the deadline; never more than `most`.
[[nodiscard]] sdk::Result<sdk::Millis> time_left(sdk::Host& host, sdk::BootTime deadline, sdk::Millis most = std::chrono::seconds(5));
// A file that somebody named: that it is not there is a mistake (invalid).
[[nodiscard]] sdk::Result<std::string> read_named(sdk::Host& host, const std::string& file, std::size_t max_bytes);
// LinkAnswer::clock by the date of an answer.
[[nodiscard]] std::string clock_by(sdk::Host& host, const sdk::HttpResponse& response);
// One line of printable ASCII, read anew each time: whoever writes it replaces it long before it expires.
[[nodiscard]] sdk::Result<std::string> read_token(sdk::Host& host, const std::string& file);
// A variable that is set to nothing counts as one that is not set.
[[nodiscard]] std::string variable(sdk::Host& host, const std::string& name);

}  // namespace upkeep::plugins::s3
