// SPDX-License-Identifier: Apache-2.0
#pragma once
// The log: lines on standard error, for people ("info engine: …", with systemd's priority mark when the journal reads them) or
// as JSON. One logger a room or agent. Outside text cannot forge a line: control characters are escaped.

#include <memory>
#include <string>
#include <string_view>

#include "sdk/host.h"

namespace upkeep::io {

struct LogSettings {
  sdk::LogLevel level = sdk::LogLevel::info;
  bool json = false;
};

class Log {
 public:
  explicit Log(LogSettings settings);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // `logger`: the room, or "agent NAME".
  void write(const std::string& logger, sdk::LogLevel level, std::string_view message);
  // From the next line on.
  void set(LogSettings settings);

 private:
  struct Loggers;
  std::unique_ptr<Loggers> loggers_;
};

// One line without its end, as it is written. `journal`: with the priority mark, without time.
[[nodiscard]] std::string text_line(sdk::TimePoint time, const std::string& logger, sdk::LogLevel level, std::string_view message,
                                    bool journal);
[[nodiscard]] std::string json_line(sdk::TimePoint time, const std::string& logger, sdk::LogLevel level, std::string_view message);

}  // namespace upkeep::io
