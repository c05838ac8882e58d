// SPDX-License-Identifier: Apache-2.0
#pragma once
// A package manager's own tool: how it is asked, and how what it prints is read. What cannot be read is an error, never guessed; all of it
// is pure, so that hostile bytes can be tried on it. The tool runs in the locale C.UTF-8.

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/packages/driver.h"

namespace upkeep::shared::native {

using packages::Failure;
using packages::Offered;
using packages::Order;
using packages::Reaction;
using packages::Report;
using Argv = std::vector<std::string>;  // with the program's absolute path

// How a run of it ended, and what it printed.
struct Said {
  int status = 0;
  std::string out, err;
  bool cut = false;  // only the last of it is here
};

struct Tool {
  std::string name;  // for people
  // `only`: the repositories that are asked; none: all of the host's.
  Argv (*simulate)(const Order& order, const Argv& only);
  Argv (*download)(const Order& order);
  Argv (*install)(const Order& order, const Argv& only);
  Argv (*refresh)(bool force);
  Argv (*repair)();  // empty: it has nothing that does
  Argv (*offers)(const std::string& package);

  sdk::Result<Report> (*plan)(const Order& order, const Said& said);  // of simulate
  std::optional<Failure> (*failure)(const Said& said);                // of any run that changes something
  std::vector<std::string> (*told)(const Said& said);                 // for people, without the tool's name
  sdk::Result<std::vector<Offered>> (*read_offers)(const Said& said, const std::string& package);

  bool lists_in_sandbox = false;  // `offers` writes nothing, not even a log
  bool turns_to_copies = false;   // to those of Upkeep's own store, by itself, where an origin does not answer
  std::string lists;              // the folder where it keeps what it read of repositories, one folder each
  std::string lists_file;         // what it touches there whenever it has read them; empty: anything
};

[[nodiscard]] const Tool& apt_get();
[[nodiscard]] const Tool& dnf();
[[nodiscard]] const Tool& zypper();

}  // namespace upkeep::shared::native
