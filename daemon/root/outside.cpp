// SPDX-License-Identifier: Apache-2.0
#include "root/outside.h"

#include <filesystem>

#include "io/durable.h"
#include "sdk/text.h"

namespace upkeep::root {

using sdk::Errc;
using sdk::Result;

Result<std::string> run(Outside& outside, std::vector<std::string> argv, sdk::Millis deadline,
                        std::map<std::string, std::string> environment) {
  const std::string what = argv[0] + " " + argv[1];
  sdk::ProcessRequest request(std::move(argv));
  request.deadline = deadline;
  request.environment = std::move(environment);
  const auto result = outside.run(std::move(request));
  if (!result) return sdk::fail(what, result.error());
  const auto said = sdk::trimmed(sdk::trimmed(result->err).empty() ? result->out : result->err);  // zypper complains on either
  if (result->exit_code != 0) return sdk::fail(Errc::transient, what + " failed: " + std::string(said.substr(0, 2000)));
  if (result->truncated) return sdk::fail(Errc::internal, what + " says more than can be read");
  return result->out;
}

Result<void> write(Outside& outside, const std::string& path, const std::string& text) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(outside.base + path).parent_path(), error);
  if (error) return sdk::fail(io::errno_error("cannot make the folder of " + path, error.value()));
  if (auto written = io::write_atomic(outside.base + path, text, 0644); !written) return written;
  outside.out << "wrote " << path << "\n";
  return {};
}

Result<void> remove(Outside& outside, const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::symlink_status(outside.base + path, ignored).type() == std::filesystem::file_type::not_found) return {};
  if (auto removed = io::remove_durable(outside.base + path); !removed) return removed;
  outside.out << "removed " << path << "\n";
  return {};
}

}  // namespace upkeep::root
