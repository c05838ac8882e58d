// SPDX-License-Identifier: Apache-2.0
#include "control/server.h"

#include <unistd.h>

#include <utility>

#include "control/listen.h"

namespace upkeep::control {
namespace {

constexpr Limits kWatcherLimits{.connections = 32, .kept_for_changers = 0, .for_strangers = 32, .idle_seconds = 30};

}  // namespace

ControlServer::ControlServer(asio::io_context& io, engine::Face& face, sdk::Clock& clock, Options options, Log log)
    : options_(std::move(options)),
      log_(std::move(log)),
      api_(face, clock, find_groups(options_.read_group, options_.admin_group), traffic_) {
  const auto handle = [this](const Request& request, const Caller& caller) { return api_.handle(request, caller); };
  local_ = std::make_unique<HttpServer>(
      io, options_.limits, [this](int fd) { return caller_of(fd); }, handle, traffic_, log_);
  if (!options_.listen.empty()) {
    watchers_ = std::make_unique<HttpServer>(
        io, kWatcherLimits, [](int) { return Caller{.watcher = true}; }, handle, traffic_, log_);
  }
}

ControlServer::~ControlServer() {
  local_.reset();
  watchers_.reset();
  if (made_socket_) unlink(options_.socket.c_str());
}

sdk::Result<void> ControlServer::start() {
  if (!api_.groups().read_gid) log_(sdk::LogLevel::warn, "no such group, only root can read name=" + options_.read_group);
  if (!api_.groups().admin_gid) log_(sdk::LogLevel::warn, "no such group, only root can change things name=" + options_.admin_group);
  auto made = listen_unix(options_.socket);
  if (!made) return sdk::fail(made.error());
  made_socket_ = true;
  if (auto started = local_->start(*made); !started) return started;
  if (!watchers_) return {};
  auto listening = listen_tcp(options_.listen);
  if (!listening) return sdk::fail(listening.error());
  return watchers_->start(*listening);
}

Caller ControlServer::caller_of(int fd) const {
  auto peer = options_.peer_of(fd);
  if (!peer) return Caller{.trouble = peer.error().message};
  const Access access = judge(*peer, geteuid(), api_.groups());
  return Caller{.peer = std::move(*peer), .access = access};
}

}  // namespace upkeep::control
