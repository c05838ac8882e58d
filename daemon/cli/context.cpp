// SPDX-License-Identifier: Apache-2.0
#include "cli/context.h"

#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "cli/terminal.h"

namespace upkeep::cli {

namespace {

std::string environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

}  // namespace

std::string default_plugin_dir() { return environment("UPKEEP_PLUGINS", UPKEEP_PLUGIN_DIR); }

std::string default_config_dir() { return environment("UPKEEP_CONFIG", "/etc/upkeep"); }

std::string json_text(const nlohmann::json& document, int indent) {
  return document.dump(indent, ' ', isatty(STDOUT_FILENO) == 1, nlohmann::json::error_handler_t::replace);
}

void Context::print_json(const nlohmann::json& document) const { std::cout << json_text(document, 2) << '\n' << std::flush; }

void Context::fail(const std::string& message, int status) {
  std::cerr << Style(STDERR_FILENO).bad("upkeep:") << ' ' << printable_lines(message) << '\n';
  exit_status = status;
}

}  // namespace upkeep::cli
