// SPDX-License-Identifier: Apache-2.0
#include "shared/object_store/place.h"

#include <algorithm>

#include "sdk/text.h"
#include "sdk/utf8.h"
#include "shared/channel/location.h"

namespace upkeep::shared::object_store {

namespace {

constexpr std::size_t kMostRegion = 40, kMostPrefix = 500;
constexpr std::string_view kScheme = "https://";

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || sdk::is_digit(c); }

// The last part of Amazon's host names: by the beginning of the region's name (docs.aws.amazon.com, "AWS partitions").
std::string_view amazon_domain(std::string_view region) {
  if (region.starts_with("cn-")) return "amazonaws.com.cn";
  if (region.starts_with("us-isob-")) return "sc2s.sgov.gov";
  if (region.starts_with("us-iso-")) return "c2s.ic.gov";
  if (region.starts_with("us-isof-")) return "csp.hci.ic.gov";
  if (region.starts_with("eu-isoe-")) return "cloud.adc-e.uk";
  if (region.starts_with("eusc-")) return "amazonaws.eu";
  return "amazonaws.com";
}

bool in_host_name(const Place& place) {
  if (place.style != Style::automatic) return place.style == Style::virtual_host;
  return place.endpoint.empty() && place.bucket.find('.') == std::string::npos;  // a certificate for *.s3… covers one label
}

}  // namespace

std::string percent_encoded(std::string_view text, bool keep_slashes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (sdk::is_letter(c) || sdk::is_digit(c) || std::string_view("-._~").find(c) != std::string_view::npos || (c == '/' && keep_slashes)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
    }
  }
  return out;
}

std::string amazon_endpoint(std::string_view service, std::string_view region) {
  return std::string(kScheme) + std::string(service) + "." + std::string(region) + "." + std::string(amazon_domain(region));
}

std::string object_url(const Place& place, std::string_view key) {
  const std::string endpoint = place.endpoint.empty() ? amazon_endpoint("s3", place.region) : place.endpoint;
  const std::string path = "/" + percent_encoded(key, true);
  if (!in_host_name(place)) return endpoint + "/" + place.bucket + path;
  return std::string(kScheme) + place.bucket + "." + endpoint.substr(kScheme.size()) + path;
}

std::string shown(const Place& place, std::string_view key) {
  return place.endpoint.empty() ? "s3://" + place.bucket + "/" + std::string(key) : object_url(place, key);
}

std::string bucket_problem(std::string_view bucket) {
  const bool good = bucket.size() >= 3 && bucket.size() <= 63 && bucket.find("..") == std::string_view::npos &&
                    is_lower_or_digit(bucket.front()) && is_lower_or_digit(bucket.back()) &&
                    std::all_of(bucket.begin(), bucket.end(), [](char c) { return is_lower_or_digit(c) || c == '-' || c == '.'; });
  return good ? "" : "must be a bucket's name: 3 to 63 of a-z, 0-9, - and ., beginning and ending with a letter or digit";
}

std::string region_problem(std::string_view region) {
  const bool good = !region.empty() && region.size() <= kMostRegion &&
                    std::all_of(region.begin(), region.end(), [](char c) { return is_lower_or_digit(c) || c == '-'; });
  return good ? "" : "must be a region's name, like eu-west-1";
}

std::string endpoint_problem(std::string_view endpoint) {
  if (std::string problem = channel::https_url_problem(endpoint); !problem.empty()) return problem;
  return endpoint.find('/', kScheme.size()) == std::string_view::npos ? "" : "must end with the host or its port: no path, and no /";
}

std::string prefix_problem(std::string_view prefix) {
  if (prefix.size() > kMostPrefix) return "is longer than " + std::to_string(kMostPrefix) + " bytes";
  for (const std::string_view part : sdk::split(prefix, '/')) {
    if (part.empty()) return "must not begin or end with / nor have two of them together";
    if (part == "." || part == "..") return "must not contain . or .. as a part";
  }
  const bool control = std::any_of(prefix.begin(), prefix.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (control || sdk::valid_utf8(prefix, prefix.size()) != prefix) return "must be UTF-8 without control characters";
  return "";
}

}  // namespace upkeep::shared::object_store
