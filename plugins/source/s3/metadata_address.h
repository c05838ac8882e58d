// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where credentials are handed out over plain HTTP: addresses of this host or this link alone. Pure.

#include <string>
#include <string_view>

#include "sdk/http.h"

namespace upkeep::plugins::s3 {

struct MetadataAddress {
  std::string url;
  sdk::PlainHttp plain = sdk::PlainHttp::never;
};

// "http://169.254.170.2" and a path that begins with a slash.
[[nodiscard]] sdk::Result<MetadataAddress> container_path(std::string_view path);
// A whole URL: https anywhere, http at a loopback address or where ECS and EKS serve it (169.254.170.2, 169.254.170.23, fd00:ec2::23).
[[nodiscard]] sdk::Result<MetadataAddress> container_url(std::string_view url);
// The base of instance metadata without a slash at its end: http at a loopback or link-local address.
[[nodiscard]] sdk::Result<MetadataAddress> instance_base(std::string_view url);

}  // namespace upkeep::plugins::s3
