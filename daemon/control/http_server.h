// SPDX-License-Identifier: Apache-2.0
#pragma once
// libmicrohttpd as one more descriptor on the loop: no threads, everything bounded (connections, bodies, idle time). Knows
// nothing of the API: a caller per connection and a handler per request are given. Requests that wait for a coroutine and
// readers of an event stream are suspended meanwhile; a client that goes away, or the server's end, never leaves anything
// pointing at them.

#include <asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "control/api.h"
#include "control/places.h"
#include "sdk/host.h"

namespace upkeep::control {

using Log = std::function<void(sdk::LogLevel, std::string_view)>;

class HttpServer {
 public:
  using Handler = std::function<Response(const Request&, const Caller&)>;
  using OnConnect = std::function<Caller(int fd)>;
  // `traffic`, where answers are counted, outlives the server.
  HttpServer(asio::io_context& io, Limits limits, OnConnect on_connect, Handler handler, Traffic& traffic, Log log);
  // Cuts all connections; requests that wait are dropped, what they started goes on.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Takes the listening socket over, also when it fails.
  [[nodiscard]] sdk::Result<void> start(int listening_fd);

 private:
  class Daemon;
  std::unique_ptr<Daemon> daemon_;
};

}  // namespace upkeep::control
