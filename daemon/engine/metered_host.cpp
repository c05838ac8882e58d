// SPDX-License-Identifier: Apache-2.0
#include "engine/metered_host.h"

namespace upkeep::engine {
namespace {

struct Meter : sdk::LineSink {
  Meter(sdk::LineSink& sink_, std::uint64_t& bytes_) : sink(sink_), bytes(bytes_) {}
  bool line(std::string_view text) override {
    bytes += text.size() + 1;
    return sink.line(text);
  }
  sdk::LineSink& sink;
  std::uint64_t& bytes;
};

}  // namespace

sdk::Task<sdk::Result<sdk::HttpResponse>> MeteredHttp::fetch(sdk::HttpRequest request) {
  auto response = co_await inner_.fetch(std::move(request));
  if (response) bytes_ += response->body.size();
  co_return response;
}

sdk::Task<sdk::Result<sdk::HttpResponse>> MeteredHttp::stream(sdk::HttpRequest request, sdk::LineSink& sink) {
  Meter meter(sink, bytes_);
  auto response = co_await inner_.stream(std::move(request), meter);
  if (response) bytes_ += response->body.size();
  co_return response;
}

}  // namespace upkeep::engine
