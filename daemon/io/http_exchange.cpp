// SPDX-License-Identifier: Apache-2.0
#include "io/http_exchange.h"

#include <algorithm>

#include "io/curl_compat.h"
#include "io/trust.h"
#include "sdk/text.h"

namespace upkeep::io {

using sdk::Errc;
using sdk::fail;
using sdk::HttpResponse;
using sdk::Result;

namespace {

constexpr std::size_t kMaxHeaders = 64 * 1024;
constexpr long kConnectMs = 10'000;

// Known to us, and at most one of them: a body encoded five times over costs hours to decode and may still come to nothing.
bool is_known_encoding(std::string_view name) { return name == "gzip" || name == "x-gzip" || name == "deflate" || name == "identity"; }

bool is_get(const sdk::HttpRequest& request) { return request.method == "GET" || request.method == "HEAD"; }

}  // namespace

HttpExchange::HttpExchange(const sdk::HttpRequest& request, const HttpAddress& address, bool elsewhere, const std::string& system_ca,
                           sdk::Millis left, sdk::LineSink* sink)
    : request_(request), address_(address), sink_(sink), easy_(curl_easy_init()) {
  CURL* e = easy();
  const long left_ms = static_cast<long>(std::max<sdk::Millis::rep>(left.count(), 1));  // 0 would mean for ever
  curl_easy_setopt(e, CURLOPT_URL, address.url.c_str());
  allow_scheme(e, address.scheme);
  curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(e, CURLOPT_ERRORBUFFER, error_.data());
  curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, left_ms);
  curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, std::min(left_ms, kConnectMs));
  curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, &HttpExchange::on_body);
  curl_easy_setopt(e, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, &HttpExchange::on_header);
  curl_easy_setopt(e, CURLOPT_HEADERDATA, this);
  set_request(elsewhere);
  set_trust(elsewhere, system_ca);
  set_route();
}

void HttpExchange::set_request(bool elsewhere) {
  CURL* e = easy();
  curl_easy_setopt(e, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
  curl_easy_setopt(e, CURLOPT_USERAGENT, "upkeep/" UPKEEP_SDK_VERSION);
  if (request_.method == "HEAD") {
    curl_easy_setopt(e, CURLOPT_NOBODY, 1L);
  } else if (request_.method != "GET" || !request_.body.empty()) {
    curl_easy_setopt(e, CURLOPT_POSTFIELDS, request_.body.data());
    curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  }
  const auto add = [&](const std::string& line) {
    curl_slist* longer = curl_slist_append(headers_.get(), line.c_str());
    (void)headers_.release();
    headers_.reset(longer);
  };
  add("Expect:");        // no round trip more before a body
  add("Content-Type:");  // libcurl would call every body a form; a type that the request names comes later and counts
  for (const auto& [name, value] : request_.headers) {
    if (elsewhere && !harmless_elsewhere(name)) continue;
    add(value.empty() ? name + ";" : name + ": " + value);
  }
  curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers_.get());
}

void HttpExchange::set_trust(bool elsewhere, const std::string& system_ca) {
  CURL* e = easy();
  curl_easy_setopt(e, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(e, CURLOPT_PROXY_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!request_.ca_pem.empty()) {
    trust_bytes(e, request_.ca_pem);
  } else if (ca_file_ = request_.ca_file.empty() ? system_ca : request_.ca_file; !ca_file_.empty()) {
    curl_easy_setopt(e, CURLOPT_CAINFO, ca_file_.c_str());
    curl_easy_setopt(e, CURLOPT_CAPATH, nullptr);
    keep_authorities(e, ca_cache_seconds(ca_file_));
  }
  if (elsewhere) return;
  // libcurl uses a connection again only for the same certificates: a file by its name, bytes by what they are.
  if (!request_.client_cert.empty()) curl_easy_setopt(e, CURLOPT_SSLCERT, request_.client_cert.c_str());
  if (!request_.client_cert_pem.empty()) set_bytes(e, CURLOPT_SSLCERT_BLOB, request_.client_cert_pem);
  if (!request_.client_key.empty()) curl_easy_setopt(e, CURLOPT_SSLKEY, request_.client_key.c_str());
  if (!request_.client_key_pem.empty()) set_bytes(e, CURLOPT_SSLKEY_BLOB, request_.client_key_pem);
  curl_easy_setopt(e, CURLOPT_KEYPASSWD, "");  // or OpenSSL would ask the terminal for it, and wait
}

void HttpExchange::set_route() {
  CURL* e = easy();
  curl_easy_setopt(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  if (!request_.connect_to.empty()) {
    connect_to_.reset(curl_slist_append(nullptr, ("::" + request_.connect_to).c_str()));
    curl_easy_setopt(e, CURLOPT_CONNECT_TO, connect_to_.get());
  }
  if (request_.this_host) {  // whether something listens now: an old connection would not tell
    curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(e, CURLOPT_FORBID_REUSE, 1L);
  }
  if (!request_.unix_socket.empty()) curl_easy_setopt(e, CURLOPT_UNIX_SOCKET_PATH, request_.unix_socket.c_str());
  if (address_.scheme == "http" || !request_.unix_socket.empty() || request_.this_host) {
    curl_easy_setopt(e, CURLOPT_PROXY, "");  // what is on this host or this link is not reached through a proxy
  } else if (request_.proxy) {
    curl_easy_setopt(e, CURLOPT_PROXY, request_.proxy->c_str());
    curl_easy_setopt(e, CURLOPT_NOPROXY, "");  // a configured proxy is meant for this request, whatever no_proxy says
  }
}

std::size_t HttpExchange::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  return static_cast<HttpExchange*>(self)->take_body({data, size * count}) ? size * count : CURL_WRITEFUNC_ERROR;
}

std::size_t HttpExchange::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  return static_cast<HttpExchange*>(self)->take_header({data, size * count}) ? size * count : CURL_WRITEFUNC_ERROR;
}

bool HttpExchange::take_body(std::string_view bytes) {
  if (sink_ && response_.status >= 200 && response_.status < 300) return take_lines(bytes);
  if (bytes.size() > request_.max_body - response_.body.size()) {
    refused_ = "the body is longer than " + std::to_string(request_.max_body) + " bytes";
    return false;
  }
  response_.body += bytes;
  return true;
}

bool HttpExchange::take_lines(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    if (piece.size() > request_.max_body - partial_line_.size()) {
      refused_ = "a line is longer than " + std::to_string(request_.max_body) + " bytes";
      return false;
    }
    partial_line_ += piece;
    if (end == std::string_view::npos) return true;
    bytes.remove_prefix(end + 1);
    const std::string line = std::exchange(partial_line_, {});
    if (!sink_->line(line)) {
      ended_by_sink_ = true;
      return false;
    }
  }
  return true;
}

bool HttpExchange::take_header(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > kMaxHeaders) {
    refused_ = "the headers are longer than " + std::to_string(kMaxHeaders) + " bytes";
    return false;
  }
  if (line.starts_with("HTTP/")) {  // an answer begins; what came before was an interim one
    long status = 0;
    curl_easy_getinfo(easy(), CURLINFO_RESPONSE_CODE, &status);
    response_.status = static_cast<int>(status);
    response_.headers.clear();
    return true;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return true;
  std::string name = sdk::lower(line.substr(0, colon));
  line = sdk::trimmed(line.substr(colon + 1));
  const std::string_view before = response_.header(name);
  if (name == "content-length" && !before.empty() && before != line) refused_ = "two headers say two lengths of the body";
  if (name == "content-encoding" && (!before.empty() || !is_known_encoding(sdk::lower(line))))
    refused_ = "the body is encoded in a way that was not asked for";  // its name is not quoted: it could be a credential of the request
  response_.headers.emplace_back(std::move(name), line);
  return refused_.empty();
}

std::string HttpExchange::redirect() const {
  const bool moved =
      response_.status == 301 || response_.status == 302 || response_.status == 303 || response_.status == 307 || response_.status == 308;
  char* url = nullptr;
  if (!moved || !is_get(request_) || curl_easy_getinfo(easy(), CURLINFO_REDIRECT_URL, &url) != CURLE_OK || !url) return {};
  return url;
}

// libcurl takes a TLS connection that was just cut for one that was ended. A body without a length is then as long as whoever
// sits on the way lets it be, and 99.0.10 can be read as 99.0.1. Whoever also takes plain text is not asked for more.
bool HttpExchange::may_be_cut() const {
  long version = 0;
  curl_off_t length = -1;  // also of a length that libcurl could not use
  curl_easy_getinfo(easy(), CURLINFO_HTTP_VERSION, &version);
  curl_easy_getinfo(easy(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  const bool by_hanging_up = (version == CURL_HTTP_VERSION_1_0 || version == CURL_HTTP_VERSION_1_1) && length < 0 &&
                             !sdk::lower(response_.header("transfer-encoding")).ends_with("chunked");
  return by_hanging_up && request_.plain == sdk::PlainHttp::never && !sink_ && request_.method != "HEAD" && response_.status == 200;
}

Result<HttpResponse> HttpExchange::finish(CURLcode code) {
  if (code == CURLE_OK || ended_by_sink_) {
    long status = 0;
    curl_easy_getinfo(easy(), CURLINFO_RESPONSE_CODE, &status);
    response_.status = static_cast<int>(status);
    if (may_be_cut()) return fail(Errc::transient, address_.shown + ": the answer does not say where it ends, so it may have been cut");
    return response_;
  }
  if (!refused_.empty()) return fail(Errc::invalid, address_.shown + ": " + refused_);
  const std::string trusted = !request_.ca_pem.empty() ? kBytesGiven : ca_file_.empty() ? "libcurl's default" : ca_file_;
  std::string text = address_.shown + ": " + (error_[0] ? error_.data() : curl_easy_strerror(code));
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return fail(Errc::timeout, text);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return fail(Errc::denied, text + " (trusting " + trusted + ")");
#if LIBCURL_VERSION_NUM >= 0x074d00
    case CURLE_SSL_CLIENTCERT:
      return fail(Errc::denied, text);
#endif
    case CURLE_SSL_CACERT_BADFILE:
      return fail(Errc::invalid, address_.shown + ": no certificates can be read from " + trusted);
    case CURLE_SSL_CERTPROBLEM:
      return fail(Errc::invalid,
                  text + " (client certificate " + (request_.client_cert.empty() ? "given as bytes" : request_.client_cert) + ")");
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_CONTENT_ENCODING:
      return fail(Errc::invalid, text);
    case CURLE_OUT_OF_MEMORY:  // so libcurl calls a line of 100 KiB, too
      return fail(Errc::transient, address_.shown + ": a header has no end, or this host has no memory left");
    case CURLE_FAILED_INIT:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_UNKNOWN_OPTION:
      return fail(Errc::internal, text);
    default:
      return fail(Errc::transient, text);  // name resolution, connection, reset, cut off: not our fault and not for ever
  }
}

}  // namespace upkeep::io
