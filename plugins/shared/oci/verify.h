// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which image may be deployed for a release: the table [installer.verify], and the one question that an installer asks. With keys only what
// one of them has signed; without, what the registry says now; and always by digest, unless the site has no way to a registry.

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "sdk/config.h"
#include "sdk/host.h"
#include "shared/oci/reference.h"
#include "shared/oci/repository.h"
#include "shared/oci/signature.h"

namespace upkeep::oci {

// The keys of the table.
inline constexpr std::array kVerifyKeys = std::to_array<sdk::KeySpec>({
    {.name = "keys",
     .type = sdk::KeyType::text_list,
     .help =
         "PEM files of public keys of cosign, each with one; an image needs a valid signature by one of them; absent: none is looked for"},
    {.name = "resolve",
     .type = sdk::KeyType::flag,
     .fallback = "true",
     .help = "ask the registry which digest the tag stands for and deploy that; false: for sites without a way to the registry"},
    {.name = "docker_config",
     .help = "file with user and password for the registry, as docker's config.json or a mounted .dockerconfigjson; absent: nobody"},
    {.name = "registry_ca",
     .help = "PEM file of the authorities to trust at the registry instead of the system's; for its tokens and where it sends for the "
             "bytes, too"},
    {.name = "token_hosts",
     .type = sdk::KeyType::text_list,
     .help = "hosts of other domains than the registry's where it may have its tokens fetched, with user and password"},
    {.name = "plain_http", .type = sdk::KeyType::flag, .fallback = "false", .help = "ask in plain http; for a registry on this host only"},
});

struct VerifySettings {
  std::vector<std::string> key_files;
  bool resolve = true;
  RegistrySettings registry;
};

// Of a table that passed check_verify; an empty one is what counts without any.
[[nodiscard]] VerifySettings read_verify(const sdk::Config& table);
// Values that cannot work, each with its place and its path from the installer's table on.
[[nodiscard]] std::vector<sdk::ConfigIssue> check_verify(const sdk::Config& table);

class Verifier {
 public:
  Verifier(sdk::Host& host, VerifySettings settings) : host_(host), settings_(std::move(settings)) {}

  // What to deploy: the image's name as it was written, with tag and digest. `wanted` has a tag. A digest that the release names counts
  // instead of the registry's answer; its signature is looked for all the same. Files are read anew each time, so that keys and passwords
  // can be renewed. Takes at most two minutes. Errors: denied (no valid signature, with the reasons; a key's file; who asks), invalid
  // (there is no such image, or the registry's answer cannot be), unsupported, transient and timeout (the registry).
  [[nodiscard]] sdk::Task<sdk::Result<std::string>> trusted_image(Reference wanted, std::optional<std::string> digest_of_release);

 private:
  [[nodiscard]] sdk::Result<Keys> read_keys();

  sdk::Host& host_;
  VerifySettings settings_;
};

}  // namespace upkeep::oci
