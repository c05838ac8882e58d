// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sdk/text.h"
#include "shared/object_store/refusal.h"
#include "source/s3/link.h"

namespace upkeep::plugins::s3 {

sdk::Result<sdk::Millis> time_left(sdk::Host& host, sdk::BootTime deadline, sdk::Millis most) {
  const sdk::Millis left = deadline - host.clock().boot_now();
  if (left <= sdk::Millis(0)) return sdk::fail(sdk::Errc::timeout, "no time was left to ask for credentials");
  return std::min(left, most);
}

sdk::Result<std::string> read_named(sdk::Host& host, const std::string& file, std::size_t max_bytes) {
  auto text = host.files().read(file, max_bytes);
  if (!text && text.error().code == sdk::Errc::unsupported) return sdk::fail(sdk::Errc::invalid, text.error().message);
  return text;
}

std::string clock_by(sdk::Host& host, const sdk::HttpResponse& response) {
  const bool dated = sdk::parse_http_date(sdk::trimmed(response.header("date"))).has_value();
  return dated ? shared::object_store::about_the_clock(response, host.clock().now()) : "";
}

sdk::Result<std::string> read_token(sdk::Host& host, const std::string& file) {
  const auto text = read_named(host, file, kMostToken);
  if (!text) return sdk::fail(text.error());
  const std::string_view token = sdk::trimmed(*text);
  if (token.empty()) return sdk::fail(sdk::Errc::invalid, file + " is empty");
  if (!std::all_of(token.begin(), token.end(), [](char c) { return c >= 0x20 && c < 0x7f; }))
    return sdk::fail(sdk::Errc::invalid, file + " has a character that belongs in no token");
  return std::string(token);
}

std::string variable(sdk::Host& host, const std::string& name) { return host.environment(name).value_or(""); }

std::vector<std::unique_ptr<Link>> links(sdk::Host& host, const std::string& name, const CredentialSettings& settings) {
  std::vector<std::unique_ptr<Link>> all;
  all.push_back(environment_link(host));
  all.push_back(web_identity_link(host, settings));
  all.push_back(files_link(host, settings));
  all.push_back(container_link(host));
  all.push_back(instance_link(host));
  if (name != "chain") std::erase_if(all, [&](const auto& link) { return link->name() != name; });
  return all;
}

}  // namespace upkeep::plugins::s3
