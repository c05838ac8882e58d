// SPDX-License-Identifier: Apache-2.0
#include "shared/oci/repository.h"

#include <algorithm>
#include <array>

#include "sdk/base64.h"
#include "sdk/socket_address.h"
#include "sdk/text.h"
#include "shared/channel/credential_echo.h"
#include "shared/oci/digest.h"
#include "shared/oci/json.h"
#include "shared/oci/manifest.h"

namespace upkeep::oci {

using sdk::Errc;
using sdk::fail;
using sdk::HttpRequest;
using sdk::HttpResponse;
using sdk::Result;
using sdk::Task;

namespace {

constexpr sdk::Millis kLongestRequest = std::chrono::seconds(15);
constexpr int kMostRedirects = 5, kMostPages = 5;
constexpr std::size_t kMostLocation = 8 * 1024, kMostShownOfIt = 1000;

// The words of the specification; all else that a registry says could be something that it was shown.
constexpr std::array<std::string_view, 14> kCodes = {
    "BLOB_UNKNOWN",          "BLOB_UPLOAD_INVALID", "BLOB_UPLOAD_UNKNOWN", "DENIED",           "DIGEST_INVALID",
    "MANIFEST_BLOB_UNKNOWN", "MANIFEST_INVALID",    "NAME_INVALID",        "MANIFEST_UNKNOWN", "NAME_UNKNOWN",
    "SIZE_INVALID",          "TOOMANYREQUESTS",     "UNAUTHORIZED",        "UNSUPPORTED"};

std::string code_of(const std::string& body) {
  const auto parsed = parse_object(body);
  if (!parsed) return "";
  const auto& errors = list_at(*parsed, {"errors"});
  const std::string code = errors.empty() ? "" : text_at(errors.front(), {"code"});
  return std::find(kCodes.begin(), kCodes.end(), code) != kCodes.end() ? code : "";
}

bool is_redirect(int status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

// The next page's address in a Link header (RFC 8288); empty: there is none.
std::string next_page(std::string_view link) {
  const auto begin = link.find('<'), end = link.find('>');
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return "";
  const auto rest = sdk::lower(link.substr(end));
  return rest.find("rel=\"next\"") == std::string::npos && rest.find("rel=next") == std::string::npos
             ? ""
             : std::string(link.substr(begin + 1, end - begin - 1));
}

}  // namespace

Repository::Repository(sdk::Host& host, const RegistrySettings& settings, Reference image, sdk::BootTime deadline)
    : host_(host), settings_(settings), image_(std::move(image)), deadline_(deadline) {
  base_ = (settings.plain_http ? "http://" : "https://") + (image_.registry == "docker.io" ? "registry-1.docker.io" : image_.registry);
}

void Repository::keep_secret(std::string text) {
  if (!text.empty()) secrets_.push_back(std::move(text));
}

std::string Repository::asker() const { return known_ ? "the credentials in " + settings_.docker_config : "who asks without credentials"; }

Result<std::optional<Login>> Repository::login() const {
  if (settings_.docker_config.empty()) return std::optional<Login>();
  const auto bytes = host_.files().read(settings_.docker_config, kMostJson);
  if (!bytes) return fail(Errc::denied, "credentials for " + image_.registry + ": " + bytes.error().message);
  auto out = login_for(image_, *bytes);
  if (!out) return fail(settings_.docker_config, out.error());
  return out;
}

sdk::Error Repository::refusal(const HttpResponse& response, const std::string& url) const {
  sdk::Error error = sdk::http_error(response, url, host_.clock().now());
  if (const auto code = code_of(response.body); !code.empty()) error.message += " (" + code + ")";
  if (error.code == Errc::denied) error.message += ": it does not let in " + asker();
  return error;
}

// Where a registry sends one for the bytes. What says who asks goes along only to the registry itself.
Result<HttpRequest> Repository::redirected(const HttpRequest& from, std::string_view location) const {
  // Without what lies behind a question mark: the address may be one that an earlier redirect has signed.
  const auto wrong = [&](const std::string& why) {
    return fail(Errc::invalid, from.url.substr(0, from.url.find('?')) + ": sends elsewhere, " + why);
  };
  if (std::min(location.find('?'), location.size()) > kMostShownOfIt || location.size() > kMostLocation)
    return wrong("to an address of " + std::to_string(location.size()) + " characters");
  HttpRequest out = from;
  const auto origin = from.url.substr(0, from.url.find('/', from.url.find("://") + 3));
  if (location.starts_with('/') && !location.starts_with("//"))
    out.url = origin + std::string(location);
  else if (location.starts_with("https://") || location.starts_with(base_ + "/"))
    out.url = location;
  else
    return wrong("but not to an https address");
  if (out.url.starts_with(base_ + "/")) return out;
  out.plain = sdk::PlainHttp::never;
  std::erase_if(out.headers, [](const auto& header) { return header.first == "Authorization"; });
  return out;
}

// One answer that is no redirect. 401 is only the registry's own: elsewhere nothing can be asked of us.
Task<Result<HttpResponse>> Repository::send(HttpRequest request) {
  const std::string url = request.url;
  for (int redirects = 0;; ++redirects) {
    request.timeout = std::min(kLongestRequest, deadline_ - host_.clock().boot_now());
    if (request.timeout <= sdk::Millis(0)) co_return fail(Errc::timeout, url + ": no time was left for it");
    HttpRequest attempt = request;
    auto response = co_await host_.http().fetch(std::move(attempt));
    if (!response) co_return fail(shared::channel::without_echo(response.error(), secrets_, url));
    const bool at_home = request.url.starts_with(base_ + "/");
    if (!is_redirect(response->status)) {
      if (!at_home && response->status == 401)
        co_return fail(Errc::denied, url + ": sends to " + sdk::quoted(host_of(request.url)) + ", which refuses (status 401)");
      co_return response;
    }
    if (redirects == kMostRedirects) co_return fail(Errc::invalid, url + ": more than " + std::to_string(kMostRedirects) + " redirects");
    auto next = redirected(request, response->header("location"));
    if (!next) co_return fail(shared::channel::without_echo(next.error(), secrets_, url));
    request = std::move(*next);
  }
}

Task<Result<HttpResponse>> Repository::get(std::string path, std::string accept, std::size_t most) {
  const std::string url = base_ + path;
  if (settings_.plain_http) {
    const auto address = sdk::parse_socket_address(image_.registry, 80);
    if (!address || !address->loopback)
      co_return fail(Errc::unsupported, image_.registry + ": plain_http is for a registry on this host, and this one is not");
  }
  for (bool renewed = false;; renewed = true) {
    HttpRequest request(url);
    request.headers.emplace_back("Accept", accept);
    if (!authorization_.empty()) request.headers.emplace_back("Authorization", authorization_);
    request.ca_file = settings_.ca_file;
    if (settings_.plain_http) request.plain = sdk::PlainHttp::loopback;
    request.max_body = most;
    auto response = co_await send(std::move(request));
    if (!response || response->status != 401) co_return response;
    if (renewed) co_return fail(refusal(*response, url));
    Challenge challenge = read_challenge(*response);
    const auto entered = co_await enter(std::move(challenge));
    if (!entered) co_return fail(url, entered.error());
  }
}

Task<Result<void>> Repository::enter(Challenge challenge) {
  auto login = this->login();
  if (!login) co_return fail(login.error());
  known_ = login->has_value();
  if (known_) {
    keep_secret((*login)->password);
    keep_secret((*login)->identity_token);
    keep_secret(sdk::to_base64((*login)->user + ":" + (*login)->password));
  }
  if (challenge.kind == Challenge::Kind::bearer) co_return co_await fetch_token(std::move(challenge), std::move(*login));
  if (challenge.kind == Challenge::Kind::none)
    co_return fail(Errc::unsupported, "the registry answers 401 and asks neither for a token nor for a password");
  if (!known_ || (*login)->user.empty()) {
    const std::string& file = settings_.docker_config;
    co_return fail(Errc::denied, "it wants a user and a password, and " +
                                     (file.empty() ? "no docker_config is configured" : file + " has none for " + shown()));
  }
  authorization_ = "Basic " + sdk::to_base64((*login)->user + ":" + (*login)->password);
  co_return Result<void>();
}

Task<Result<void>> Repository::fetch_token(Challenge challenge, std::optional<Login> login) {
  const std::string what = "the token that it wants";
  if (const auto wrong = realm_problem(challenge.realm, image_, settings_.token_hosts, settings_.plain_http); !wrong.empty())
    co_return fail(Errc::denied, what + " is not asked for: " + wrong);
  const std::string place = challenge.realm.substr(0, challenge.realm.find('?'));
  std::string fields = "scope=" + encoded("repository:" + image_.repository + ":pull");
  if (!challenge.service.empty()) fields += "&service=" + encoded(challenge.service);

  HttpRequest request(challenge.realm);
  if (login && !login->identity_token.empty()) {
    request.method = "POST";
    request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    request.body = fields + "&grant_type=refresh_token&client_id=upkeep&refresh_token=" + encoded(login->identity_token);
    keep_secret(encoded(login->identity_token));
  } else {
    request.url += (challenge.realm.find('?') == std::string::npos ? "?" : "&") + fields;
    if (login) request.headers.emplace_back("Authorization", "Basic " + sdk::to_base64(login->user + ":" + login->password));
  }
  request.ca_file = settings_.ca_file;
  if (settings_.plain_http) request.plain = sdk::PlainHttp::loopback;
  request.timeout = std::min(kLongestRequest, deadline_ - host_.clock().boot_now());
  if (request.timeout <= sdk::Millis(0)) co_return fail(Errc::timeout, what + ": no time was left for it");
  const auto response = co_await host_.http().fetch(std::move(request));
  if (!response) co_return fail(what, shared::channel::without_echo(response.error(), secrets_, place));
  if (response->status != 200) co_return fail(what, refusal(*response, place));

  const auto parsed = parse_object(response->body);
  if (!parsed) co_return fail(what + ": the answer of " + place, parsed.error());
  std::string token = text_at(*parsed, {"token"});
  if (token.empty()) token = text_at(*parsed, {"access_token"});
  const bool visible = std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (token.empty() || !visible) co_return fail(Errc::invalid, what + ": the answer of " + place + " has none");
  keep_secret(token);
  authorization_ = "Bearer " + token;
  co_return Result<void>();
}

Task<Result<std::optional<Repository::Found>>> Repository::manifest(std::string tag_or_digest) {
  const std::string path = "/v2/" + image_.repository + "/manifests/" + tag_or_digest, url = base_ + path;
  std::string accept(kManifestTypes);
  const auto response = co_await get(path, std::move(accept), kMostManifest);
  if (!response) co_return fail(response.error());
  if (response->status == 404) co_return std::optional<Found>();
  if (response->status != 200) co_return fail(refusal(*response, url));
  if (!is_manifest_type(response->header("content-type")))
    co_return fail(Errc::invalid, url + ": the answer is no manifest that is known here (OCI's, or docker's of schema 2)");
  if (const auto problem = manifest_problem(response->body, response->header("content-type")); !problem.empty())
    co_return fail(Errc::invalid, url + ": the answer " + problem);
  Found found{response->body, digest_of(response->body)};
  const auto said = response->header("docker-content-digest");
  const bool other = is_sha256(said) && said != found.digest;
  if (other || (tag_or_digest.find(':') != std::string::npos && tag_or_digest != found.digest))
    co_return fail(Errc::invalid,
                   url + ": the digest of what the registry sends is " + found.digest + ", not the one that it is called by");
  co_return std::optional<Found>(std::move(found));
}

Task<Result<std::string>> Repository::blob(std::string digest, std::size_t most) {
  const std::string path = "/v2/" + image_.repository + "/blobs/" + digest, url = base_ + path;
  auto response = co_await get(path, "*/*", most);
  if (!response) co_return fail(response.error());
  if (response->status != 200) co_return fail(refusal(*response, url));
  if (digest_of(response->body) != digest) co_return fail(Errc::invalid, url + ": the registry sends other bytes under that digest");
  co_return Result<std::string>(std::move(response->body));
}

Task<Result<std::optional<std::vector<std::string>>>> Repository::referrers(std::string digest) {
  std::vector<std::string> pages;
  std::string path = "/v2/" + image_.repository + "/referrers/" + digest, accept(kIndexType);
  while (!path.empty() && pages.size() < kMostPages) {
    const auto response = co_await get(path, accept, kMostJson);
    if (!response) co_return fail(response.error());
    const bool refused = response->status == 429 || response->status >= 500 || response->status == 403;
    if (refused && response->status != 501) co_return fail(refusal(*response, base_ + path));
    // Old registries answer with 404, 400 or 405, and some with a page for people.
    if (response->status != 200 || !is_index_type(response->header("content-type"))) break;
    pages.push_back(response->body);
    path = next_page(response->header("link"));
    if (path.starts_with(base_ + "/")) path.erase(0, base_.size());
    if (!path.starts_with('/') || path.starts_with("//") || path.size() > kMostLocation) path.clear();
  }
  if (pages.empty()) co_return std::optional<std::vector<std::string>>();
  co_return std::optional<std::vector<std::string>>(std::move(pages));
}

}  // namespace upkeep::oci
