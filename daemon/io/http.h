// SPDX-License-Identifier: Apache-2.0
#pragma once
// HTTP by libcurl: connections are kept and shared by all requests, redirects are followed here, one exchange each.

#include <asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "sdk/http.h"

namespace upkeep::io {

class CurlLoop;

class CurlHttp : public sdk::Http {
 public:
  explicit CurlHttp(const asio::any_io_executor& executor);
  ~CurlHttp() override;
  sdk::Task<sdk::Result<sdk::HttpResponse>> fetch(sdk::HttpRequest request) override;
  // The sink is called from inside libcurl: it may record and notify, not make requests.
  sdk::Task<sdk::Result<sdk::HttpResponse>> stream(sdk::HttpRequest request, sdk::LineSink& sink) override;

 private:
  static sdk::Task<sdk::Result<sdk::HttpResponse>> run(std::shared_ptr<CurlLoop> loop, std::string system_ca, sdk::HttpRequest request,
                                                       sdk::LineSink* sink);
  std::shared_ptr<CurlLoop> loop_;  // also held by every request that runs
  std::string system_ca_;
};

}  // namespace upkeep::io
