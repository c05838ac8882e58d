// SPDX-License-Identifier: Apache-2.0
#include "io/sockets.h"

#include <asio/experimental/awaitable_operators.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include "io/this_host.h"
#include "sdk/socket_address.h"

namespace upkeep::io {

using sdk::Errc;
using sdk::fail;
using sdk::Result;
using sdk::Task;
using namespace asio::experimental::awaitable_operators;

namespace {

template <typename Protocol>
Task<Result<void>> connect(asio::any_io_executor executor, typename Protocol::endpoint to, std::string shown, sdk::Millis timeout) {
  typename Protocol::socket socket(executor);
  asio::steady_timer late(executor, timeout);
  asio::error_code failed;
  const auto first =
      co_await (socket.async_connect(to, asio::redirect_error(asio::use_awaitable, failed)) || late.async_wait(asio::use_awaitable));
  if (first.index() == 1) co_return fail(Errc::timeout, shown + ": nobody took the connection within " + sdk::format_duration(timeout));
  if (!failed) co_return Result<void>();
  const bool denied = failed == asio::error::access_denied;
  co_return fail(denied ? Errc::denied : Errc::transient, shown + ": " + failed.message());
}

}  // namespace

Task<Result<void>> RealSockets::knock(std::string address, sdk::Millis timeout) {
  using asio::ip::tcp;
  const auto executor = executor_;
  if (address.starts_with('/')) {
    if (address.size() > sdk::kLongestSocketPath) co_return fail(Errc::invalid, address + ": too long for a socket's path");
    const asio::local::stream_protocol::endpoint path(address);
    co_return co_await connect<asio::local::stream_protocol>(executor, path, address, timeout);
  }
  const auto parsed = sdk::parse_socket_address(address);
  if (!parsed) co_return fail(parsed.error());
  if (!is_this_host(parsed->host)) co_return fail(Errc::unsupported, address + ": not an address of this host");
  const bool both = parsed->host == "localhost";
  const tcp::endpoint first(both ? asio::ip::address(asio::ip::address_v4::loopback()) : asio::ip::make_address(parsed->host),
                            parsed->port);
  if (!both) co_return co_await connect<tcp>(executor, first, address, timeout);
  // At once: one that hangs must not take the other's time, nor twice as much as one was given.
  const tcp::endpoint second(asio::ip::address_v6::loopback(), parsed->port);
  auto reached = co_await (connect<tcp>(executor, first, address, timeout) && connect<tcp>(executor, second, address, timeout));
  if (std::get<1>(reached)) co_return Result<void>();
  co_return std::get<0>(reached);
}

}  // namespace upkeep::io
