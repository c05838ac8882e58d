// SPDX-License-Identifier: Apache-2.0
#include "io/this_host.h"

#include <asio/io_context.hpp>
#include <asio/ip/udp.hpp>

namespace upkeep::io {

bool is_this_host(const std::string& address) {
  if (address == "localhost") return true;
  asio::error_code failed;
  const auto wanted = asio::ip::make_address(address, failed);
  if (failed || wanted.is_unspecified() || wanted.is_multicast()) return false;
  if (wanted.is_loopback()) return true;
  // Who talks to an address of his own has that address himself. Connecting a datagram socket only asks for the route.
  asio::io_context unused;
  asio::ip::udp::socket socket(unused);
  const asio::ip::udp::endpoint there(wanted, 9);
  if (socket.open(there.protocol(), failed); failed) return false;
  if (socket.connect(there, failed); failed) return false;
  const auto here = socket.local_endpoint(failed);
  return !failed && here.address() == wanted;
}

}  // namespace upkeep::io
