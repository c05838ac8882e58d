// SPDX-License-Identifier: Apache-2.0
// docs.docker.com/reference/cli/docker/login and kubernetes.io/docs/concepts/containers/images#config-json
#include "shared/oci/docker_config.h"

#include <algorithm>
#include <array>

#include "sdk/base64.h"
#include "sdk/text.h"
#include "shared/oci/json.h"

namespace upkeep::oci {

using sdk::Errc;
using sdk::fail;
using sdk::Result;

namespace {

constexpr std::array<std::string_view, 3> kDockersNames = {"index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"};

// What a key of the file stands for.
struct Place {
  std::string host;
  std::string path;  // of a repository or a folder of them; empty: all
};

Place place_of(std::string_view key) {
  if (const auto scheme = key.find("://"); scheme != std::string_view::npos) key.remove_prefix(scheme + 3);
  const auto slash = std::min(key.find('/'), key.size());
  Place out{sdk::lower(key.substr(0, slash)), std::string(key.substr(slash))};
  while (out.path.ends_with('/')) out.path.pop_back();
  out.path.erase(0, out.path.find_first_not_of('/'));
  if (out.path == "v1" || out.path == "v2") out.path.clear();
  if (std::find(kDockersNames.begin(), kDockersNames.end(), out.host) != kDockersNames.end()) out.host = "docker.io";
  return out;
}

// Whether a part of a host's name, or its port, is what the key's has, in which a star stands for any characters.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t at = 0, here = 0, star = std::string_view::npos, tried = 0;
  while (here < text.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      tried = here;
    } else if (at < pattern.size() && pattern[at] == text[here]) {
      ++at;
      ++here;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      here = ++tried;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

// As the kubelet does it: part by part, so a star is within one.
bool is_host(std::string_view pattern, std::string_view host) {
  if (pattern.find('*') == std::string_view::npos) return pattern == host;
  const auto port = [](std::string_view text) { return text.substr(std::min(text.rfind(':'), text.size())); };
  const auto wanted = sdk::split(pattern.substr(0, pattern.rfind(':')), '.'), is = sdk::split(host.substr(0, host.rfind(':')), '.');
  return port(pattern) == port(host) && std::equal(wanted.begin(), wanted.end(), is.begin(), is.end(), matches);
}

bool covers(const Place& place, const Reference& image) {
  return is_host(place.host, image.registry) &&
         (place.path.empty() || image.repository == place.path || image.repository.starts_with(place.path + "/"));
}

// The member whose name covers the image: the one with the longest path, and of those one without a star; nullptr: none.
const Json* entry_for(const Reference& image, const Json::object_t& table) {
  const Json* best = nullptr;
  std::size_t most = 0;
  for (const auto& [key, value] : table) {
    const Place place = place_of(key);
    const std::size_t rank = 2 * place.path.size() + (place.host == image.registry ? 1 : 0);
    if (!covers(place, image) || (best && rank <= most)) continue;
    best = &value;
    most = rank;
  }
  return best;
}

// nullopt: the entry is there and empty, as docker leaves it when a helper has the rest.
Result<std::optional<Login>> login_of(const Json& entry, const std::string& of) {
  Login out{text_at(entry, {"username"}), text_at(entry, {"password"}), text_at(entry, {"identitytoken"})};
  if (const std::string auth = text_at(entry, {"auth"}); !auth.empty()) {
    const auto both = sdk::from_base64(auth);
    const auto colon = both ? both->find(':') : std::string::npos;
    if (colon == std::string::npos || colon == 0) return fail(Errc::invalid, of + ": \"auth\" is not user:password in base64");
    out.user = both->substr(0, colon);
    out.password = both->substr(colon + 1);
  }
  if (out.user.find(':') != std::string::npos) return fail(Errc::invalid, of + ": the user's name has a colon");
  if (!out.identity_token.empty()) return std::optional<Login>(std::move(out));
  if (out.user.empty() != out.password.empty()) return fail(Errc::invalid, of + ": there is only one of user and password");
  return out.user.empty() ? std::nullopt : std::optional<Login>(std::move(out));
}

// The helper that docker would ask; empty: none.
std::string helper_for(const Reference& image, const Json& config, bool has_entry) {
  const Json* own = entry_for(image, table_at(config, {"credHelpers"}));
  if (own) return own->is_string() ? own->get<std::string>() : "?";
  return has_entry ? text_at(config, {"credsStore"}) : "";
}

}  // namespace

Result<std::optional<Login>> login_for(const Reference& image, std::string_view config) {
  const auto parsed = parse_object(config);
  if (!parsed) return fail(parsed.error());
  const Json* entry = entry_for(image, table_at(*parsed, {"auths"}));
  if (entry) {
    auto login = login_of(*entry, "the entry for " + image.registry);
    if (!login || *login) return login;
  }
  const std::string helper = helper_for(image, *parsed, entry != nullptr);
  if (helper.empty()) return std::optional<Login>();
  return fail(Errc::unsupported,
              "has the program docker-credential-" + sdk::quoted(helper) + " asked for " + image.registry +
                  ", and Upkeep runs none. Put user and password under auths (kubectl create secret docker-registry; where they expire, a "
                  "job renews the secret), or set resolve = false and let a signed channel name the images' digests");
}

}  // namespace upkeep::oci
