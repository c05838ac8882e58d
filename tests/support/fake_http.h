// SPDX-License-Identifier: Apache-2.0
#pragma once
// A scripted web server without a network: answers are queued for a URL and come in that order; requests are kept.

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sdk/http.h"

namespace upkeep::test {

class FakeHttp : public sdk::Http {
 public:
  // The next answers to that URL, in order; the last one stays. A URL without any answers with status 404.
  void answer(const std::string& url, int status, std::string body = "", std::vector<sdk::HttpHeader> headers = {}) {
    sdk::HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    response.headers = std::move(headers);
    answers_[url].emplace_back(std::move(response));
  }
  void fail(const std::string& url, sdk::Errc code, const std::string& message) { answers_[url].emplace_back(sdk::fail(code, message)); }
  // Forgets what was queued for that URL.
  void forget(const std::string& url) { answers_.erase(url); }

  sdk::Task<sdk::Result<sdk::HttpResponse>> fetch(sdk::HttpRequest request) override {
    requests.push_back(std::move(request));
    if (on_request) on_request();
    auto& queue = answers_[requests.back().url];
    if (queue.empty()) {
      sdk::HttpResponse missing;
      missing.status = 404;
      co_return sdk::Result<sdk::HttpResponse>(std::move(missing));
    }
    auto answer = queue.front();
    if (queue.size() > 1) queue.pop_front();
    co_return answer;
  }
  sdk::Task<sdk::Result<sdk::HttpResponse>> stream(sdk::HttpRequest request, sdk::LineSink& sink) override {
    auto answer = co_await fetch(std::move(request));
    if (!answer) co_return answer;
    std::string_view rest = answer->body;
    while (!rest.empty()) {
      const auto newline = rest.find('\n');
      if (newline == std::string_view::npos || !sink.line(rest.substr(0, newline))) break;
      rest.remove_prefix(newline + 1);
    }
    answer->body.clear();
    co_return answer;
  }

  std::vector<sdk::HttpRequest> requests;
  std::function<void()> on_request;  // lets a test move its clock during a request

 private:
  std::map<std::string, std::deque<sdk::Result<sdk::HttpResponse>>> answers_;
};

// The value of a request's header, "" when it was not sent.
inline std::string sent_header(const sdk::HttpRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) return value;
  }
  return "";
}

}  // namespace upkeep::test
