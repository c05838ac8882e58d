// SPDX-License-Identifier: Apache-2.0
#include "cli/context.h"

#include <cstdlib>
#include <iostream>

namespace upkeep::cli {

std::string default_plugin_dir() {
  const char* from_environment = std::getenv("UPKEEP_PLUGINS");
  return from_environment != nullptr && *from_environment != '\0' ? from_environment : UPKEEP_PLUGIN_DIR;
}

void Context::print_json(const nlohmann::json& document) const {
  std::cout << document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n' << std::flush;
}

void Context::fail(const std::string& message, int status) {
  std::cerr << "upkeep: " << message << '\n';
  exit_status = status;
}

}  // namespace upkeep::cli
