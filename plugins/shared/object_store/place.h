// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where a bucket is, and the URLs of what is in it. Pure.

#include <string>
#include <string_view>

namespace upkeep::shared::object_store {

// How a URL names the bucket: https://ENDPOINT/BUCKET/KEY or https://BUCKET.ENDPOINT/KEY. automatic: in the host name at Amazon, as long
// as that is one label of it, else in the path.
enum class Style { automatic, path, virtual_host };

struct Place {
  std::string endpoint;  // "https://minio.example.com:9000"; empty: Amazon's own for the region
  std::string bucket;
  std::string region;  // what is signed for; never empty at Amazon
  Style style = Style::automatic;
};

// What may stand in a URL's path unchanged are letters, digits and -._~; all else is percent-encoded byte by byte, but / when it is kept.
[[nodiscard]] std::string percent_encoded(std::string_view text, bool keep_slashes);

// "https://bucket.s3.eu-west-1.amazonaws.com/a%20key" for the key "a key".
[[nodiscard]] std::string object_url(const Place& place, std::string_view key);

// "https://s3.eu-west-1.amazonaws.com", in the part of Amazon that the region belongs to (China, the isolated ones).
[[nodiscard]] std::string amazon_endpoint(std::string_view service, std::string_view region);

// For people: "s3://bucket/key", or the URL when the endpoint is not Amazon's.
[[nodiscard]] std::string shown(const Place& place, std::string_view key);

// "" or what is wrong with it.
[[nodiscard]] std::string bucket_problem(std::string_view bucket);      // 3 to 63 of a-z, 0-9, - and .
[[nodiscard]] std::string region_problem(std::string_view region);      // up to 40 of a-z, 0-9 and -
[[nodiscard]] std::string endpoint_problem(std::string_view endpoint);  // https://HOST or https://HOST:PORT, and no path
[[nodiscard]] std::string prefix_problem(std::string_view prefix);      // parts with / between them, none of them . or ..

}  // namespace upkeep::shared::object_store
