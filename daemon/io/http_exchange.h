// SPDX-License-Identifier: Apache-2.0
#pragma once
// One request to one address and its answer, as a libcurl handle: options, bounds, and what an ending means. Redirects are
// not followed here.

#include <curl/curl.h>

#include <array>
#include <memory>
#include <string>

#include "io/http_address.h"
#include "sdk/http.h"

namespace upkeep::io {

class HttpExchange {
 public:
  // `elsewhere`: the address is another origin than the one the request was made for, so it gets no credentials. All
  // arguments must outlive this; a sink is given the lines of a 2xx body.
  HttpExchange(const sdk::HttpRequest& request, const HttpAddress& address, bool elsewhere, const std::string& system_ca, sdk::Millis left,
               sdk::LineSink* sink);
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;

  [[nodiscard]] CURL* easy() const { return easy_.get(); }

  // What came, once the handle has run to its end.
  [[nodiscard]] sdk::Result<sdk::HttpResponse> finish(CURLcode code);

  // Where the answer points to; empty when it is no redirect that may be followed.
  [[nodiscard]] std::string redirect() const;

 private:
  struct Free {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  void set_request(bool elsewhere);
  void set_trust(bool elsewhere, const std::string& system_ca);
  void set_route();
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  bool take_body(std::string_view bytes);
  bool take_lines(std::string_view bytes);
  bool take_header(std::string_view line);
  [[nodiscard]] bool may_be_cut() const;

  const sdk::HttpRequest& request_;
  const HttpAddress& address_;
  sdk::LineSink* sink_;
  std::string ca_file_;
  std::unique_ptr<curl_slist, Free> headers_, connect_to_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  sdk::HttpResponse response_;
  std::string partial_line_;
  std::size_t header_bytes_ = 0;
  std::string refused_;               // why we ended it ourselves
  bool ended_by_sink_ = false;        // then it is a success
  std::unique_ptr<CURL, Free> easy_;  // last: gone before what it points to
};

}  // namespace upkeep::io
