// SPDX-License-Identifier: Apache-2.0
#pragma once
// The live view of an operation: phases as lines, and on a terminal a progress bar below them that is drawn over again.

#include <iosfwd>
#include <nlohmann/json.hpp>
#include <string>

namespace upkeep::cli {

class Live {
 public:
  // To standard output; with --json, whose document goes there, to standard error.
  explicit Live(bool json);
  ~Live();
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;

  void line(const std::string& text);
  // An event of the API: phase and progress.
  void show(const nlohmann::json& event);

  // What Ctrl-C says from now on; the text must live for ever.
  static void on_interrupt(const char* says);

 private:
  void clear_bar();
  std::ostream& out_;
  bool terminal_;
  bool bar_ = false;
};

}  // namespace upkeep::cli
