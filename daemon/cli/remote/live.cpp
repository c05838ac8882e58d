// SPDX-License-Identifier: Apache-2.0
#include "cli/remote/live.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <iostream>

#include "cli/context.h"
#include "cli/remote/text.h"

namespace upkeep::cli {
namespace {

constexpr int kBarWidth = 30;

volatile const char* interrupt_says = nullptr;

// Only what a signal handler may call.
void interrupted(int /*signal*/) {
  const char* text = const_cast<const char*>(interrupt_says);
  const ssize_t ignored = write(STDERR_FILENO, text, std::strlen(text));
  static_cast<void>(ignored);
  _exit(kGaveUp);
}

}  // namespace

Live::Live(bool json) : out_(json ? std::cerr : std::cout), terminal_(is_terminal(json ? STDERR_FILENO : STDOUT_FILENO)) {}

Live::~Live() { clear_bar(); }

void Live::clear_bar() {
  if (std::exchange(bar_, false)) out_ << "\r\x1b[K" << std::flush;
}

void Live::line(const std::string& text) {
  clear_bar();
  out_ << text << '\n' << std::flush;
}

void Live::show(const nlohmann::json& event) {
  const std::string kind = text(event, "event");
  if (kind == "phase") {
    const std::string time = text(event, "time"), detail = text(event, "detail");
    line((time.size() > 18 ? time.substr(11, 8) + "  " : "") + printable(text(event, "phase")) +
         (detail.empty() ? "" : ": " + printable(detail)));
  } else if (kind == "progress" && terminal_) {
    std::string bar = "  ";
    if (const auto percent = member(event, "percent"); percent.is_number()) {
      const int part = std::clamp(percent.get<int>(), 0, 100);
      const int filled = part * kBarWidth / 100;
      bar += "[" + std::string(static_cast<std::size_t>(filled), '#') + std::string(static_cast<std::size_t>(kBarWidth - filled), '.') +
             "] " + std::to_string(part) + "%  ";
    }
    clear_bar();
    out_ << bar << printable(text(event, "text")).substr(0, kBarWidth) << std::flush;
    bar_ = true;
  }
}

void Live::on_interrupt(const char* says) {
  interrupt_says = says;
  struct sigaction action {};
  action.sa_handler = interrupted;
  sigaction(SIGINT, &action, nullptr);
}

}  // namespace upkeep::cli
