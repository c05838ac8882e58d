// SPDX-License-Identifier: Apache-2.0
#pragma once
// Runs programs with a deadline. When a run ends, in whatever way (exit, deadline, cancellation), its whole process group is
// killed first; only a process that left the group survives.

#include <asio/any_io_executor.hpp>
#include <memory>

#include "sdk/host.h"

namespace upkeep::io {

class RealProcess : public sdk::Process {
 public:
  explicit RealProcess(const asio::any_io_executor& executor);
  ~RealProcess() override;
  sdk::Task<sdk::Result<sdk::ProcessResult>> run(sdk::ProcessRequest request) override;

 private:
  class Orphans;
  static sdk::Task<sdk::Result<sdk::ProcessResult>> run_one(asio::any_io_executor executor, std::shared_ptr<Orphans> orphans,
                                                            sdk::ProcessRequest request);
  asio::any_io_executor executor_;
  std::shared_ptr<Orphans> orphans_;
};

}  // namespace upkeep::io
