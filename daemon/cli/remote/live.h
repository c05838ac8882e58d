// SPDX-License-Identifier: Apache-2.0
#pragma once
// The live view of an operation. Plain: a line for each phase as it begins. On a terminal: a line for each phase that is over,
// with how long it took, and below them one for the phase that goes on, drawn over again: its time, a bar, what is happening.

#include <chrono>
#include <iosfwd>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "cli/terminal.h"

namespace upkeep::cli {

class Live {
 public:
  // To standard output; with --json, whose document goes there, to standard error.
  explicit Live(bool json);
  ~Live();
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;

  // For good, above what goes on.
  void line(const std::string& text);
  // On a terminal only, until something else is to be shown.
  void waiting(const std::string& text);
  // An event of the API: phase and progress.
  void show(const nlohmann::json& event);
  // About once a second: the time goes on.
  void tick();
  // The last phase is over.
  void end();

  [[nodiscard]] const Style& style() const { return style_; }

  // What Ctrl-C says from now on; the text must live for ever.
  static void on_interrupt(const char* says);

 private:
  struct Phase {
    std::string time, name, detail;
    std::chrono::steady_clock::time_point began;
    std::optional<int> percent;
    std::string text;
  };
  [[nodiscard]] std::string start_of_line() const;
  void draw();
  void draw(const std::string& text);
  void clear();

  std::ostream& out_;
  int fd_;
  bool terminal_;
  Style style_;
  bool drawn_ = false;
  std::optional<Phase> phase_;
};

}  // namespace upkeep::cli
