// SPDX-License-Identifier: Apache-2.0
#pragma once
// Connections to addresses of this host that say nothing: to see whether somebody listens.

#include <asio/any_io_executor.hpp>

#include "sdk/host.h"

namespace upkeep::io {

class RealSockets : public sdk::Sockets {
 public:
  explicit RealSockets(asio::any_io_executor executor) : executor_(std::move(executor)) {}
  sdk::Task<sdk::Result<void>> knock(std::string address, sdk::Millis timeout) override;

 private:
  asio::any_io_executor executor_;
};

}  // namespace upkeep::io
