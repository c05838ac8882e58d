// SPDX-License-Identifier: Apache-2.0
#pragma once
// One repository of a registry, for as long as one question about an image takes: what it keeps of who asks (a token) ends with it. All
// that it returns under a digest has been hashed. Nothing secret is in an error, and nothing secret goes to another host than
// the registry and, by realm_problem's rule, to who hands out its tokens.
// Source: github.com/opencontainers/distribution-spec, spec.md; distribution.github.io/distribution/spec/auth/token.

#include <optional>
#include <string>
#include <vector>

#include "sdk/host.h"
#include "shared/oci/challenge.h"
#include "shared/oci/docker_config.h"
#include "shared/oci/reference.h"

namespace upkeep::oci {

struct RegistrySettings {
  std::string ca_file;                   // PEM; empty: the system's trust store
  std::string docker_config;             // file with user and password; empty: one asks as nobody
  std::vector<std::string> token_hosts;  // see realm_problem
  bool plain_http = false;               // for a registry on this host only
};

class Repository {
 public:
  // `image`: its tag and digest do not count. All is over at `deadline`.
  Repository(sdk::Host& host, const RegistrySettings& settings, Reference image, sdk::BootTime deadline);

  struct Found {
    std::string bytes;
    std::string digest;  // of the bytes
  };
  // Errors of all: transient, timeout; denied (who asks, TLS, a realm elsewhere), invalid (an answer that cannot be, a digest that is not
  // that of the bytes), unsupported.

  // What a tag or a digest leads to; of an image for several platforms that is the index. nullopt: nothing is there.
  [[nodiscard]] sdk::Task<sdk::Result<std::optional<Found>>> manifest(std::string tag_or_digest);
  // The bytes of that digest. invalid: also when there are more than `most`, or none.
  [[nodiscard]] sdk::Task<sdk::Result<std::string>> blob(std::string digest, std::size_t most);
  // Indexes of the manifests whose subject is that digest, a page each, the first five; nullopt: the registry has no such API.
  [[nodiscard]] sdk::Task<sdk::Result<std::optional<std::vector<std::string>>>> referrers(std::string digest);

  // "r.example.com/a/b"
  [[nodiscard]] std::string shown() const { return image_.registry + "/" + image_.repository; }

 private:
  using Response = sdk::Result<sdk::HttpResponse>;
  sdk::Task<Response> get(std::string path, std::string accept, std::size_t most);
  sdk::Task<Response> send(sdk::HttpRequest request);
  sdk::Task<sdk::Result<void>> enter(Challenge challenge);
  sdk::Task<sdk::Result<void>> fetch_token(Challenge challenge, std::optional<Login> login);
  [[nodiscard]] sdk::Result<std::optional<Login>> login() const;
  [[nodiscard]] sdk::Result<sdk::HttpRequest> redirected(const sdk::HttpRequest& from, std::string_view location) const;
  [[nodiscard]] sdk::Error refusal(const sdk::HttpResponse& response, const std::string& url) const;
  [[nodiscard]] std::string asker() const;
  void keep_secret(std::string text);

  sdk::Host& host_;
  const RegistrySettings& settings_;
  Reference image_;
  sdk::BootTime deadline_;
  std::string base_;           // "https://r.example.com:5000"
  std::string authorization_;  // the header; empty: none
  bool known_ = false;         // whether credentials were used
  std::vector<std::string> secrets_;
};

}  // namespace upkeep::oci
