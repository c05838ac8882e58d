// SPDX-License-Identifier: Apache-2.0
#pragma once
// How --help looks: lines that fit 80 columns, "--for DURATION" where CLI11 would write its types, the options that all
// commands share, and the exit statuses at the end of the whole.

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

namespace upkeep::cli {

class Help : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
  std::string make_option(const CLI::Option* option, bool is_argument) const override;
  std::string make_description(const CLI::App* app) const override;
  std::string make_subcommand(const CLI::App* command) const override;
};

// "--for DURATION", "AGENT": with all its names when `whole`.
[[nodiscard]] std::string shown(const CLI::Option& option, bool whole = true);

// "  left      right": the right side filled into its column, so that all fits 80 columns.
[[nodiscard]] std::string help_entry(const std::string& left, const std::string& right);

}  // namespace upkeep::cli
