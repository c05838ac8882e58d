// SPDX-License-Identifier: Apache-2.0
#pragma once
// The real outside, one of each, shared by all agents. It may go before the io_context that it was made for: coroutines that
// still wait keep what they need.

#include <asio/any_io_executor.hpp>
#include <string>

#include "io/bus.h"
#include "io/clock.h"
#include "io/files.h"
#include "io/http.h"
#include "io/process.h"
#include "io/random.h"
#include "io/sockets.h"
#include "io/unit_log.h"

namespace upkeep::io {

struct Io {
  // state_dir: absolute; empty when nothing is to be written.
  Io(const asio::any_io_executor& executor, const std::string& state_dir)
      : clock(executor), http(executor), bus(executor), process(executor), files(executor, state_dir), sockets(executor) {}

  RealClock clock;
  RealRandom random;
  CurlHttp http;
  SdBus bus;
  RealProcess process;
  RealFiles files;
  RealUnitLog unit_log;
  RealSockets sockets;
};

}  // namespace upkeep::io
