// SPDX-License-Identifier: Apache-2.0
#include "io/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <cstdlib>
#include <map>

#include "sdk/utf8.h"

namespace upkeep::io {

using sdk::LogLevel;

namespace {

std::string_view name(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      return "error";
  }
  return "error";
}

const char* journal_mark(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "<7>";
    case LogLevel::info:
      return "<6>";
    case LogLevel::warn:
      return "<4>";
    case LogLevel::error:
      return "<3>";
  }
  return "<3>";
}

// One line of valid UTF-8, with the escapes that JSON and people both read.
std::string escaped(std::string_view text, bool quotes) {
  std::string out;
  while (!text.empty()) {
    const auto [code, length] = sdk::first_character(text);
    const std::string_view character = text.substr(0, length);
    text.remove_prefix(length);
    const auto byte = static_cast<unsigned char>(character[0]);
    if (!code) {
      out += '?';
    } else if (byte == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      constexpr const char* kDigits = "0123456789abcdef";
      out += {'\\', 'u', '0', '0', kDigits[byte >> 4], kDigits[byte & 15]};
    } else {
      if (quotes && (byte == '"' || byte == '\\')) out += '\\';
      out += character;
    }
  }
  return out;
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warn:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

LogLevel from_spdlog(spdlog::level::level_enum level) {
  if (level <= spdlog::level::debug) return LogLevel::debug;
  if (level == spdlog::level::info) return LogLevel::info;
  return level == spdlog::level::warn ? LogLevel::warn : LogLevel::error;
}

class Formatter : public spdlog::formatter {
 public:
  Formatter(bool json, bool journal) : json_(json), journal_(journal) {}

  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto time = std::chrono::time_point_cast<sdk::Millis>(message.time);
    const std::string logger(message.logger_name.data(), message.logger_name.size());
    const std::string_view text(message.payload.data(), message.payload.size());
    const LogLevel level = from_spdlog(message.level);
    const std::string line = (json_ ? json_line(time, logger, level, text) : text_line(time, logger, level, text, journal_)) + "\n";
    out.append(line.data(), line.data() + line.size());
  }
  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<Formatter>(json_, journal_); }

 private:
  bool json_, journal_;
};

}  // namespace

std::string text_line(sdk::TimePoint time, const std::string& logger, LogLevel level, std::string_view message, bool journal) {
  const std::string head = journal ? journal_mark(level) : sdk::rfc3339(time) + " " + std::string(name(level)) + " ";
  return head + logger + ": " + escaped(message, false);
}

std::string json_line(sdk::TimePoint time, const std::string& logger, LogLevel level, std::string_view message) {
  return "{\"time\":\"" + sdk::rfc3339(time) + "\",\"level\":\"" + std::string(name(level)) + "\",\"logger\":\"" + escaped(logger, true) +
         "\",\"message\":\"" + escaped(message, true) + "\"}";
}

struct Log::Loggers {
  std::shared_ptr<spdlog::sinks::stderr_sink_st> sink = std::make_shared<spdlog::sinks::stderr_sink_st>();
  std::map<std::string, spdlog::logger, std::less<>> all;
};

Log::Log(LogSettings settings) : loggers_(std::make_unique<Loggers>()) { set(settings); }
Log::~Log() = default;

void Log::set(LogSettings settings) {
  loggers_->sink->set_level(to_spdlog(settings.level));
  // systemd sets it when standard error is connected to its journal.
  loggers_->sink->set_formatter(std::make_unique<Formatter>(settings.json, std::getenv("JOURNAL_STREAM") != nullptr));
}

void Log::write(const std::string& logger, LogLevel level, std::string_view message) {
  const auto [at, is_new] = loggers_->all.try_emplace(logger, logger, loggers_->sink);
  if (is_new) at->second.set_level(spdlog::level::trace);  // the sink decides
  at->second.log(to_spdlog(level), spdlog::string_view_t(message.data(), message.size()));
}

}  // namespace upkeep::io
