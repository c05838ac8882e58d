// SPDX-License-Identifier: Apache-2.0
#include "support/kube_http.h"

#include <algorithm>

namespace upkeep::test {
namespace {

using sdk::Errc;
using sdk::HttpResponse;
using sdk::Result;
using sdk::Task;
using Json = FakeKube::Json;

std::string asked_for(const std::string& url, const std::string& key) {
  const auto at = url.find(key + "=");
  return at == std::string::npos ? "" : url.substr(at + key.size() + 1, url.find('&', at) - at - key.size() - 1);
}

}  // namespace

Task<Result<HttpResponse>> KubeHttp::fetch(sdk::HttpRequest request) {
  auto reply = server_.answer(request, clock_.boot_now());
  const bool in_time = reply.after < request.timeout;
  const auto takes = in_time ? reply.after : request.timeout;
  if (takes > sdk::Millis(0)) co_await clock_.sleep_for(takes);
  if (!in_time) co_return sdk::fail(Errc::timeout, "no answer in time");
  if (reply.answer && reply.answer->body.size() > request.max_body) co_return sdk::fail(Errc::invalid, "the answer is too long");
  co_return std::move(reply.answer);
}

Task<Result<HttpResponse>> KubeHttp::stream(sdk::HttpRequest request, sdk::LineSink& sink) {
  // As a list it is subject to faults and rights; a watch of one object names it in its field selector.
  auto begun = co_await fetch(request);
  if (!begun || begun->status != 200) co_return begun;
  begun->body.clear();
  const auto path = request.url.substr(std::string(FakeKube::kUrl).size(), request.url.find('?') - std::string(FakeKube::kUrl).size());
  auto name = asked_for(request.url, "fieldSelector");
  name =
      name.substr(std::min(name.size(), std::max(name.rfind('=') + 1, name.rfind("%3D") == std::string::npos ? 0 : name.rfind("%3D") + 3)));
  const auto from = asked_for(request.url, "resourceVersion");
  long seen = from.empty() ? 0 : std::stol(from);
  const auto send = [&sink](const std::string& type, const Json& object) {
    return sink.line(Json({{"type", type}, {"object", object}}).dump());
  };
  const auto seconds = asked_for(request.url, "timeoutSeconds");
  const auto began = clock_.boot_now();
  const auto end = began + std::min<sdk::Millis>(std::chrono::seconds(seconds.empty() ? 300 : std::stol(seconds)), request.timeout);
  auto bookmark = began + std::chrono::seconds(30);
  while (clock_.boot_now() < end) {
    if (clock_.boot_now() < server_.gone_until) co_return sdk::fail(Errc::transient, "Connection reset by peer");
    if (!server_.remembers(seen)) {
      (void)send("ERROR", Json::parse(FakeKube::status(410, "Expired", "too old resource version").body));
      break;
    }
    for (const auto& one : server_.changes(path, name, seen)) {
      seen = one.version;
      if (!send(one.type, one.object)) co_return begun;
    }
    if (clock_.boot_now() >= bookmark && !asked_for(request.url, "allowWatchBookmarks").empty()) {
      bookmark = clock_.boot_now() + std::chrono::seconds(30);
      seen = server_.version();
      if (!send("BOOKMARK", {{"kind", "Bookmark"}, {"metadata", {{"resourceVersion", std::to_string(seen)}}}})) co_return begun;
    }
    const sdk::Millis pause = std::chrono::milliseconds(100);
    co_await clock_.sleep_for(pause);
  }
  co_return begun;
}

}  // namespace upkeep::test
