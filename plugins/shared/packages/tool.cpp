// SPDX-License-Identifier: Apache-2.0
#include "shared/packages/tool.h"

#include "shared/packages/text.h"

namespace upkeep::shared::packages {

using sdk::Errc;

namespace {

constexpr std::size_t kMostToolOutput = std::size_t{1024} * 1024;

}  // namespace

sdk::Task<sdk::Result<std::string>> run_tool(sdk::Host& host, std::vector<std::string> argv, int allowed) {
  const std::string tool = argv.front() + " " + argv[1];
  sdk::ProcessRequest request(std::move(argv));
  request.max_output = kMostToolOutput;
  auto done = co_await host.process().run(std::move(request));
  if (!done) co_return sdk::fail(tool, done.error());
  if (done->exit_code < 0 || done->exit_code > allowed) {
    const std::string how =
        done->exit_code < 0 ? "was ended by signal " + std::to_string(done->signal) : "exit status " + std::to_string(done->exit_code);
    co_return sdk::fail(Errc::transient, tool + ": " + how + ", " + (done->err.empty() ? "and no message" : one_line(done->err)));
  }
  if (done->truncated) co_return sdk::fail(Errc::internal, tool + " answers more than " + std::to_string(kMostToolOutput / 1024) + " KiB");
  co_return std::move(done->out);
}

}  // namespace upkeep::shared::packages
