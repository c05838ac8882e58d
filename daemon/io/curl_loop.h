// SPDX-License-Identifier: Apache-2.0
#pragma once
// libcurl's multi interface in our loop: its sockets live in an epoll descriptor of our own, which one pump watches, beside
// one timer. Callbacks of libcurl only record; whoever waits is resumed from the loop.

#include <curl/curl.h>

#include <asio/any_io_executor.hpp>
#include <asio/steady_timer.hpp>
#include <memory>
#include <optional>

#include "io/fd.h"
#include "io/fd_pump.h"
#include "sdk/task.h"

namespace upkeep::io {

class CurlLoop : public std::enable_shared_from_this<CurlLoop> {
 public:
  explicit CurlLoop(const asio::any_io_executor& executor);
  ~CurlLoop();

  // Runs a prepared handle to its end; nullopt: cancelled. The frame keeps the loop alive and takes the handle out again.
  static sdk::Task<std::optional<CURLcode>> perform(std::shared_ptr<CurlLoop> loop, CURL* easy);

 private:
  static int on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void* known);
  static int on_timer(CURLM* multi, long timeout_ms, void* self);
  void pump();
  void act(curl_socket_t socket, int events);
  void reap();

  asio::any_io_executor executor_;
  Fd epoll_;
  CURLM* multi_;
  asio::steady_timer timer_;
  FdPump pump_;
};

}  // namespace upkeep::io
