// SPDX-License-Identifier: Apache-2.0
#pragma once
// HTTP as plugins see it: bounded, HTTPS unless the request says otherwise.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sdk/result.h"
#include "sdk/task.h"
#include "sdk/time.h"

namespace upkeep::sdk {

using HttpHeader = std::pair<std::string, std::string>;

// Which plain-text addresses a request may use.
enum class PlainHttp { never, loopback, link_local };

struct HttpRequest {
  explicit HttpRequest(std::string url_) : url(std::move(url_)) {}
  std::string method = "GET";
  std::string url;
  std::vector<HttpHeader> headers;
  std::string body;
  std::string ca_file;                  // empty: the system's trust store
  std::string client_cert, client_key;  // files; empty: none
  // The same as PEM bytes, which are never logged. A file and bytes of one thing are Errc::invalid. `ca_pem` needs libcurl 7.77.
  std::string ca_pem, client_cert_pem, client_key_pem;
  std::optional<std::string> proxy;  // nullopt: from the environment; "": none
  std::string unix_socket;           // connect there instead of to the URL's host
  std::string connect_to;            // "ADDRESS:PORT": connect there; the URL's host is still who is asked for, and in the certificate
  bool this_host = false;            // over a connection of its own to an address of this host, else Errc::unsupported; never a proxy
  PlainHttp plain = PlainHttp::never;
  int max_redirects = 0;                      // followed to https only; credentials never go to another host
  std::size_t max_body = 64 * 1024;           // after decoding; more is Errc::invalid
  Millis timeout = std::chrono::seconds(10);  // in all, name resolution and redirects included
};

struct HttpResponse {
  int status = 0;
  std::vector<HttpHeader> headers;  // of the last answer, names in lower case
  std::string body;
  // First header of that (lower case) name, empty when absent.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

// Receives a streamed body line by line. It only takes down what it is given: it makes no requests.
class LineSink {
 public:
  virtual ~LineSink() = default;
  // false ends the stream.
  virtual bool line(std::string_view line) = 0;
};

class Http {
 public:
  virtual ~Http() = default;
  // Any status is a result. Errors: transient (unreachable, reset), timeout, denied (TLS trust), invalid (URL, body too long).
  virtual Task<Result<HttpResponse>> fetch(HttpRequest request) = 0;
  // As fetch, but hands a 2xx answer's complete lines (each at most max_body long) to the sink; only another answer keeps its body.
  virtual Task<Result<HttpResponse>> stream(HttpRequest request, LineSink& sink) = 0;
};

// The one form of an HTTP date that servers may send: "Sun, 06 Nov 1994 08:49:37 GMT"; nullopt: it is none. The day's name does not count.
[[nodiscard]] std::optional<TimePoint> parse_http_date(std::string_view text);

// The error for an answer that is not what was asked for: 408, 425, 429 and 5xx are transient (with Retry-After,
// seconds or date, at most one hour), 401 and 403 denied, all else invalid.
[[nodiscard]] Error http_error(const HttpResponse& response, std::string_view what, TimePoint now);

}  // namespace upkeep::sdk
