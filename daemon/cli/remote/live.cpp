// SPDX-License-Identifier: Apache-2.0
#include "cli/remote/live.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <iostream>

#include "cli/context.h"
#include "cli/remote/show.h"
#include "cli/remote/text.h"

namespace upkeep::cli {
namespace {

constexpr std::size_t kBarWidth = 30;
constexpr std::size_t kNarrowBar = 10;   // so that 80 columns have room for what is happening
constexpr std::size_t kPhaseWidth = 10;  // "activating"
constexpr std::size_t kTimeWidth = 7;    // "59m 59s"

volatile const char* interrupt_says = nullptr;

// Only what a signal handler may call.
void interrupted(int /*signal*/) {
  const char* text = const_cast<const char*>(interrupt_says);
  const ssize_t ignored = write(STDERR_FILENO, text, std::strlen(text));
  static_cast<void>(ignored);
  _exit(kGaveUp);
}

// As wide as the terminal lets it be; a narrow one has room for the number alone.
std::string bar(int percent, std::size_t columns) {
  const auto part = static_cast<std::size_t>(std::clamp(percent, 0, 100));
  if (columns < 60) return std::to_string(part) + "%";
  const std::size_t width = columns < 100 ? kNarrowBar : kBarWidth;
  const std::size_t filled = part * width / 100;
  return "[" + std::string(filled, '#') + std::string(width - filled, '.') + "] " + std::to_string(part) + "%";
}

// "02:00:00Z" of an RFC 3339 time.
std::string time_of_day(const std::string& time) { return parse_time(time) ? time.substr(11, 8) + "Z" : "         "; }

std::string padded(const std::string& text, std::size_t columns, bool right) {
  const std::string space(columns - std::min(columns, width(text)), ' ');
  return right ? space + text : text + space;
}

}  // namespace

Live::Live(bool json)
    : out_(json ? std::cerr : std::cout), fd_(json ? STDERR_FILENO : STDOUT_FILENO), terminal_(is_terminal(fd_)), style_(fd_) {}

Live::~Live() { clear(); }

void Live::clear() {
  if (std::exchange(drawn_, false)) out_ << "\r\x1b[K" << std::flush;
}

// One column stays free: some terminals break the line when the last one is written.
void Live::draw(const std::string& text) {
  const std::string fits = cut(text, columns(fd_) - 1);
  clear();
  out_ << fits << std::flush;
  drawn_ = true;
}

void Live::line(const std::string& text) {
  clear();
  out_ << text << '\n' << std::flush;
  draw();
}

void Live::waiting(const std::string& text) {
  if (terminal_) draw(text);
}

std::string Live::start_of_line() const {
  const auto took = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - phase_->began);
  return phase_->time + "  " + padded(phase_->name, kPhaseWidth, false) + "  " + padded(duration_text(took), kTimeWidth, true) + "  ";
}

void Live::draw() {
  if (!phase_) return;
  std::string rest = phase_->text.empty() ? phase_->detail : phase_->text;
  if (phase_->percent) rest = bar(*phase_->percent, columns(fd_)) + "  " + rest;
  draw(start_of_line() + rest);
}

void Live::tick() {
  if (phase_) draw();
}

void Live::end() {
  clear();
  if (!phase_) return;
  out_ << cut(start_of_line() + phase_->detail, columns(fd_) - 1) << '\n' << std::flush;
  phase_.reset();
}

void Live::show(const nlohmann::json& event) {
  const std::string kind = text(event, "event");
  if (kind == "phase") {
    const std::string name = printable(text(event, "phase"));
    std::string detail = printable(text(event, "detail"));
    if (detail.empty() && !text(event, "to").empty()) detail = change_text(event);
    const std::string time = time_of_day(text(event, "time"));
    if (!terminal_) return line(time + "  " + name + (detail.empty() ? "" : ": " + detail));
    end();
    phase_ = Phase{time, name, detail, std::chrono::steady_clock::now(), std::nullopt, ""};
    draw();
  } else if (kind == "progress" && phase_) {
    const auto percent = member(event, "percent");
    phase_->percent = percent.is_number() ? std::optional<int>(percent.get<int>()) : std::nullopt;
    phase_->text = printable(text(event, "text"));
    draw();
  }
}

void Live::on_interrupt(const char* says) {
  interrupt_says = says;
  struct sigaction action {};
  action.sa_handler = interrupted;
  sigaction(SIGINT, &action, nullptr);
}

}  // namespace upkeep::cli
