// SPDX-License-Identifier: Apache-2.0
#pragma once
// The control server: the API on the unix socket, where the daemon judges its callers, and metrics and health on TCP
// when that is configured. Belongs to upkeepd's main; a socket that cannot be had is an error of start().

#include <asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "control/access.h"
#include "control/http_server.h"
#include "engine/face.h"
#include "sdk/host.h"

namespace upkeep::control {

struct Options {
  std::string socket = "/run/upkeep/control.sock";
  std::string read_group = "upkeep", admin_group = "upkeep-admin";
  std::string listen;  // "127.0.0.1:9464": /metrics, /healthz and /readyz over TCP, for anybody who can connect; empty: none
  Limits limits;
  std::function<sdk::Result<Peer>(int fd)> peer_of = peer_of_socket;
};

class ControlServer {
 public:
  // face and clock must outlive the io_context's last handler: commands that were begun go on without the server.
  ControlServer(asio::io_context& io, engine::Face& face, sdk::Clock& clock, Options options, Log log);
  // Cuts all connections and removes the socket that start() made.
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  [[nodiscard]] sdk::Result<void> start();

 private:
  [[nodiscard]] Caller caller_of(int fd) const;

  Options options_;
  Log log_;
  Traffic traffic_;
  Api api_;
  std::unique_ptr<HttpServer> local_, watchers_;
  bool made_socket_ = false;
};

}  // namespace upkeep::control
