// SPDX-License-Identifier: Apache-2.0
#include "control/http_server.h"

#include <microhttpd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <asio/co_spawn.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <exception>
#include <unordered_map>
#include <utility>

#include "control/exchange.h"
#include "control/path_parts.h"
#include "io/fd_pump.h"

namespace upkeep::control {
namespace {

constexpr std::size_t kConnectionMemory = 16 * 1024;  // request line, headers and buffers of one connection
// Connections that were cut off to make room count until libmicrohttpd has seen it.
constexpr unsigned kLeaving = 32;
constexpr int kLastRuns = 4;  // one to wake up, one to read, one to send; and one to spare

// One that cannot be decoded stays as it is: nothing that is taken looks like that.
std::string decoded(const char* text) { return decode_percent(text).value_or(text); }

MHD_Result collect_query(void* to, MHD_ValueKind /*kind*/, const char* name, const char* value) {
  static_cast<Query*>(to)->emplace(decoded(name), value == nullptr ? "" : decoded(value));
  return MHD_YES;
}

// libmicrohttpd's own decoding would let "%00" end a path, and "%2f" begin a new part of it.
std::size_t leave_undecoded(void* /*self*/, MHD_Connection* /*connection*/, char* text) { return std::strlen(text); }

std::string text_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an unknown exception";
  }
}

}  // namespace

// Lives as long as libmicrohttpd may call back.
class HttpServer::Daemon {
 public:
  Daemon(asio::io_context& io, Limits limits, OnConnect on_connect, Handler handler, Traffic& traffic, Log log)
      : io_(io),
        timer_(io),
        limits_(limits),
        places_(limits),
        on_connect_(std::move(on_connect)),
        handler_(std::move(handler)),
        traffic_(traffic),
        log_(std::move(log)) {}
  ~Daemon();
  sdk::Result<void> start(int fd);

 private:
  static MHD_Result on_request(void* self, MHD_Connection* connection, const char* url, const char* method, const char* version,
                               const char* data, std::size_t* size, void** state);
  static void on_completed(void* self, MHD_Connection* connection, void** state, MHD_RequestTerminationCode code);
  static void on_connection(void* self, MHD_Connection* connection, void** state, MHD_ConnectionNotificationCode code);
  static void on_log(void* self, const char* format, va_list arguments);

  void connected(MHD_Connection* connection, void** state);
  static Place* place_of(MHD_Connection* connection);
  MHD_Result request(MHD_Connection* connection, const char* url, const char* method, const char* data, std::size_t* size, void** state);
  MHD_Result respond(Exchange& exchange, Response response);
  void spawn(Exchange& exchange, sdk::Task<Answer> task);
  void pump();
  void pump_soon();

  asio::io_context& io_;
  asio::steady_timer timer_;
  Limits limits_;
  Places places_;
  OnConnect on_connect_;
  Handler handler_;
  Traffic& traffic_;
  Log log_;
  std::unordered_map<Exchange*, std::shared_ptr<Exchange>> exchanges_;
  bool soon_ = false, ending_ = false;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
  MHD_Daemon* daemon_ = nullptr;
  std::unique_ptr<io::FdPump> pump_;
};

HttpServer::Daemon::~Daemon() {
  pump_.reset();
  if (daemon_ == nullptr) return;
  // libmicrohttpd does not stop while connections are suspended: none may be any more.
  ending_ = true;
  for (const auto& [raw, exchange] : exchanges_) exchange->abandon();
  // What waits for readers of events, such as the news of this end, goes out as far as it does without waiting.
  for (int i = 0; i < kLastRuns; ++i) MHD_run(daemon_);
  MHD_stop_daemon(daemon_);
}

sdk::Result<void> HttpServer::Daemon::start(int fd) {
  daemon_ = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, nullptr, nullptr, &Daemon::on_request, this,
                             MHD_OPTION_EXTERNAL_LOGGER, &Daemon::on_log, this,  // first, so that it hears of the others
                             MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, limits_.connections + kLeaving,
                             MHD_OPTION_CONNECTION_TIMEOUT, limits_.idle_seconds, MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionMemory,
                             MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_UNESCAPE_CALLBACK, &leave_undecoded, nullptr,
                             MHD_OPTION_NOTIFY_COMPLETED, &Daemon::on_completed, this, MHD_OPTION_NOTIFY_CONNECTION, &Daemon::on_connection,
                             this, MHD_OPTION_END);
  if (daemon_ == nullptr) {
    close(fd);
    return sdk::fail(sdk::Errc::internal, "the HTTP server did not start");
  }
  const auto* info = MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_EPOLL_FD);
  pump_ = std::make_unique<io::FdPump>(io_.get_executor(), info->epoll_fd, [this] { pump(); });
  return {};
}

// Lets libmicrohttpd work, and comes back when it wants to for its time limits.
void HttpServer::Daemon::pump() {
  MHD_run(daemon_);
  MHD_UNSIGNED_LONG_LONG wait = 0;
  if (MHD_get_timeout(daemon_, &wait) != MHD_YES) {
    timer_.cancel();
    return;
  }
  timer_.expires_after(std::chrono::milliseconds(wait));
  // The handler may already be queued when this ends.
  timer_.async_wait([this, alive = std::weak_ptr(alive_)](const asio::error_code& error) {
    if (!error && !alive.expired()) pump();
  });
}

// libmicrohttpd without threads does not wake itself for a resumed connection.
void HttpServer::Daemon::pump_soon() {
  if (std::exchange(soon_, true)) return;
  asio::post(io_, [this, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    soon_ = false;
    pump();
  });
}

void HttpServer::Daemon::on_connection(void* self, MHD_Connection* connection, void** state, MHD_ConnectionNotificationCode code) {
  auto* daemon = static_cast<Daemon*>(self);
  if (code == MHD_CONNECTION_NOTIFY_STARTED) return daemon->connected(connection, state);
  daemon->places_.leave(static_cast<Place*>(std::exchange(*state, nullptr)));
}

void HttpServer::Daemon::connected(MHD_Connection* connection, void** state) {
  const int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
  try {
    *state = places_.take(fd, on_connect_(fd));
  } catch (const std::exception& e) {
    log_(sdk::LogLevel::error, std::string("control connection refused error=\"") + e.what() + "\"");
    shutdown(fd, SHUT_RDWR);
  }
}

// nullptr: it could not be judged, and has been cut off.
Place* HttpServer::Daemon::place_of(MHD_Connection* connection) {
  const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info == nullptr ? nullptr : static_cast<Place*>(info->socket_context);
}

MHD_Result HttpServer::Daemon::on_request(void* self, MHD_Connection* connection, const char* url, const char* method,
                                          const char* /*version*/, const char* data, std::size_t* size, void** state) {
  auto* daemon = static_cast<Daemon*>(self);
  try {
    return daemon->request(connection, url, method, data, size, state);
  } catch (const std::exception& e) {
    daemon->log_(sdk::LogLevel::error, std::string("control request failed error=\"") + e.what() + "\"");
    return MHD_NO;
  }
}

// Comes once with the headers, then with each piece of the body, then with none; and once more after a suspension.
MHD_Result HttpServer::Daemon::request(MHD_Connection* connection, const char* url, const char* method, const char* data, std::size_t* size,
                                       void** state) {
  if (*state == nullptr) {
    if (ending_) return MHD_NO;
    auto made = std::make_shared<Exchange>(connection, traffic_, [this] { pump_soon(); });
    *state = made.get();
    exchanges_.emplace(made.get(), std::move(made));
    return MHD_YES;
  }
  Place* place = place_of(connection);
  if (place == nullptr) return MHD_NO;
  auto& exchange = *static_cast<Exchange*>(*state);
  if (*size > 0) {
    const std::size_t most = place->caller.access == Access::none ? 0 : kMaxBody;  // strangers' words are not even kept
    return exchange.take(data, std::exchange(*size, 0), most) ? MHD_YES : MHD_NO;
  }
  if (exchange.later_answer()) return exchange.send(*exchange.later_answer());
  if (ending_) return MHD_NO;
  places_.begin(*place);
  Request request{method, url, {}, exchange.body(), exchange.too_large()};
  MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, &collect_query, &request.query);
  return respond(exchange, handler_(request, place->caller));
}

MHD_Result HttpServer::Daemon::respond(Exchange& exchange, Response response) {
  if (auto* answer = std::get_if<Answer>(&response)) return exchange.send(*answer);
  if (auto* queue = std::get_if<std::unique_ptr<EventQueue>>(&response)) return exchange.stream(std::move(*queue), io_.get_executor());
  spawn(exchange, std::move(std::get<sdk::Task<Answer>>(response)));
  return MHD_YES;
}

void HttpServer::Daemon::spawn(Exchange& exchange, sdk::Task<Answer> task) {
  exchange.suspend();
  // When the task ends, the client may have gone, and the server too: then nobody waits for the answer.
  asio::co_spawn(io_, std::move(task),
                 [waiting = std::weak_ptr(exchanges_.at(&exchange)), log = log_](const std::exception_ptr& thrown, Answer answer) {
                   if (thrown) {
                     log(sdk::LogLevel::error, "control command failed error=\"" + text_of(thrown) + "\"");
                     answer = refusal("internal", "the command failed: " + text_of(thrown));
                   }
                   if (const auto there = waiting.lock()) there->set_answer(std::move(answer));
                 });
}

void HttpServer::Daemon::on_completed(void* self, MHD_Connection* connection, void** state, MHD_RequestTerminationCode /*code*/) {
  if (Place* place = place_of(connection)) static_cast<Daemon*>(self)->places_.done(*place);
  static_cast<Daemon*>(self)->exchanges_.erase(static_cast<Exchange*>(*state));
  *state = nullptr;
}

void HttpServer::Daemon::on_log(void* self, const char* format, va_list arguments) {
  std::array<char, 512> text{};
  std::vsnprintf(text.data(), text.size(), format, arguments);
  std::string_view line(text.data());
  while (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  static_cast<Daemon*>(self)->log_(sdk::LogLevel::debug, "libmicrohttpd: " + std::string(line));
}

HttpServer::HttpServer(asio::io_context& io, Limits limits, OnConnect on_connect, Handler handler, Traffic& traffic, Log log)
    : daemon_(std::make_unique<Daemon>(io, limits, std::move(on_connect), std::move(handler), traffic, std::move(log))) {}
HttpServer::~HttpServer() = default;

sdk::Result<void> HttpServer::start(int listening_fd) { return daemon_->start(listening_fd); }

}  // namespace upkeep::control
