// SPDX-License-Identifier: Apache-2.0
#include "shared/kube/kubeconfig.h"

#include <utility>

#include "sdk/base64.h"
#include "sdk/text.h"
#include "shared/kube/json.h"
#include "shared/kube/resource.h"
#include "shared/yaml/yaml.h"

namespace upkeep::plugins::shared::kube {

using sdk::Errc;
using sdk::fail;
using sdk::Result;

namespace {

constexpr std::size_t kMostConfig = std::size_t{1024} * 1024, kMostPem = std::size_t{1024} * 1024, kMostToken = std::size_t{64} * 1024;

// The entry of that name in a list of {name, KIND: {…}}.
Result<Json> named(const Json& config, const char* list, const char* kind, const std::string& name) {
  for (const Json& entry : list_at(config, list)) {
    if (text_at(entry, "/name") != name) continue;
    const auto found = entry.find(kind);
    if (found != entry.end() && found->is_object()) return *found;
  }
  return fail(Errc::invalid, "it has no " + std::string(kind) + " named " + sdk::quoted(name));
}

// Bytes that stand in the file as base64.
Result<std::string> data(const Json& table, const char* pointer) {
  const std::string text = text_at(table, pointer);
  auto bytes = sdk::from_base64(text);
  if (!bytes) return fail(Errc::invalid, std::string(pointer).substr(1) + " is no base64");
  return std::move(*bytes);
}

std::string file(const Json& table, const char* pointer, const std::string& folder) {
  const std::string path = text_at(table, pointer);
  return path.empty() || path.starts_with('/') ? path : folder + path;
}

Result<void> take_cluster(const Json& cluster, const std::string& folder, Kubeconfig& out) {
  std::string server = text_at(cluster, "/server");
  while (server.ends_with('/')) server.pop_back();
  if (!server.starts_with("https://")) return fail(Errc::invalid, "its cluster's server must begin with https://");
  if (flag_at(cluster, "/insecure-skip-tls-verify"))
    return fail(Errc::invalid, "insecure-skip-tls-verify is not supported: name the cluster's certificate-authority");
  if (!text_at(cluster, "/proxy-url").empty())
    return fail(Errc::invalid, "proxy-url is not supported: set HTTPS_PROXY in the daemon's environment");
  auto authority = data(cluster, "/certificate-authority-data");
  if (!authority) return fail(authority.error());
  out.credentials.server = std::move(server);
  out.credentials.server_name = text_at(cluster, "/tls-server-name");
  out.credentials.ca_pem = std::move(*authority);
  if (out.credentials.ca_pem.empty()) out.ca_file = file(cluster, "/certificate-authority", folder);
  return {};
}

Result<void> take_user(const Json& user, const std::string& folder, Kubeconfig& out) {
  for (const char* program : {"exec", "auth-provider"}) {
    if (user.contains(program))
      return fail(Errc::unsupported, std::string(program) +
                                         " runs a program to get credentials, which Upkeep does not: give the agent a service "
                                         "account, and write its token or a client certificate into a kubeconfig");
  }
  if (user.contains("username"))
    return fail(Errc::unsupported, "username and password are not supported: no API server takes them any more");
  if (user.contains("as")) return fail(Errc::unsupported, "acting as somebody else (as) is not supported");
  auto cert = data(user, "/client-certificate-data"), key = data(user, "/client-key-data");
  if (!cert) return fail(cert.error());
  if (!key) return fail(key.error());
  out.credentials.client_cert_pem = std::move(*cert);
  out.credentials.client_key_pem = std::move(*key);
  if (out.credentials.client_cert_pem.empty()) out.client_cert_file = file(user, "/client-certificate", folder);
  if (out.credentials.client_key_pem.empty()) out.client_key_file = file(user, "/client-key", folder);
  out.token_file = file(user, "/tokenFile", folder);  // wins over `token`, as in client-go
  if (out.token_file.empty()) out.credentials.token = text_at(user, "/token");
  if (!out.credentials.token.empty() && !is_token(out.credentials.token)) return fail(Errc::invalid, "its token cannot be one");
  return {};
}

class KubeconfigAccess final : public Access {
 public:
  KubeconfigAccess(sdk::Host& host, std::string file) : host_(host), file_(std::move(file)) {}

  Result<Credentials> credentials() override {
    const auto now = host_.clock().boot_now();
    if (kept_ && now - read_at_ < std::chrono::minutes(1)) return *kept_;
    auto config = read();
    if (!config) return fail(config.error());
    Credentials out = std::move(config->credentials);
    out.ca_file = config->ca_file;
    const auto fill = [&](const std::string& path, std::size_t most, std::string& into) -> Result<void> {
      if (path.empty()) return {};
      auto bytes = host_.files().read(path, most);
      if (!bytes) return fail(file_, bytes.error());
      into = std::move(*bytes);
      return {};
    };
    for (const auto& done : {fill(config->token_file, kMostToken, out.token), fill(config->client_cert_file, kMostPem, out.client_cert_pem),
                             fill(config->client_key_file, kMostPem, out.client_key_pem)}) {
      if (!done) return fail(done.error());
    }
    out.token = std::string(sdk::trimmed(out.token));
    if (!out.token.empty() && !is_token(out.token)) return fail(Errc::invalid, config->token_file + ": that is no token");
    if (out.client_cert_pem.empty() != out.client_key_pem.empty())
      return fail(Errc::invalid, file_ + ": a client certificate and its key come together");
    kept_ = out;
    read_at_ = now;
    return out;
  }
  void refused() override { kept_.reset(); }

  Result<std::string> own_namespace() override {
    auto config = read();
    if (!config) return fail(config.error());
    return config->space;
  }
  std::string shown() const override { return file_; }

 private:
  Result<Kubeconfig> read() {
    auto text = host_.files().read(file_, kMostConfig);
    if (!text) return fail(text.error());
    auto config = parse_kubeconfig(*text, file_.substr(0, file_.rfind('/') + 1));
    if (!config) return fail(file_, config.error());
    return config;
  }

  sdk::Host& host_;
  std::string file_;
  std::optional<Credentials> kept_;
  sdk::BootTime read_at_{};
};

}  // namespace

Result<Kubeconfig> parse_kubeconfig(std::string_view text, const std::string& folder) {
  auto document = yaml::parse_one(text);
  if (!document) return fail(document.error());
  if (!document->is_object()) return fail(Errc::invalid, "that is no kubeconfig");
  const std::string current = text_at(*document, "/current-context");
  if (current.empty()) return fail(Errc::invalid, "it has no current-context");
  auto context = named(*document, "/contexts", "context", current);
  if (!context) return fail(context.error());
  auto cluster = named(*document, "/clusters", "cluster", text_at(*context, "/cluster"));
  if (!cluster) return fail(cluster.error());
  auto user = named(*document, "/users", "user", text_at(*context, "/user"));
  if (!user) return fail(user.error());
  Kubeconfig out;
  out.space = text_at(*context, "/namespace");
  if (!out.space.empty() && !is_label(out.space))
    return fail(Errc::invalid, "its context's namespace " + sdk::quoted(out.space) + " is no name of one");
  if (auto done = take_cluster(*cluster, folder, out); !done) return fail(done.error());
  if (auto done = take_user(*user, folder, out); !done) return fail(done.error());
  return out;
}

std::unique_ptr<Access> kubeconfig_access(sdk::Host& host, std::string file) {
  return std::make_unique<KubeconfigAccess>(host, std::move(file));
}

}  // namespace upkeep::plugins::shared::kube
