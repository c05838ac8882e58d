// SPDX-License-Identifier: Apache-2.0
#include "io/package_family.h"

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include "io/process.h"
#include "sdk/package_family.h"

namespace upkeep::io {
namespace {

constexpr std::size_t kMostOfRelease = std::size_t{16} * 1024;

// PackageKit's backend; empty: it does not answer. With a loop of its own, because who asks has none that runs, or is in it.
std::string ask_packagekit() {
  sdk::ProcessRequest request(sdk::backend_question());
  request.deadline = std::chrono::seconds(25);
  request.max_output = 4096;
  asio::io_context context;
  RealProcess process(context.get_executor());
  std::string backend;
  asio::co_spawn(context, process.run(std::move(request)), [&](const std::exception_ptr& bug, const auto& done) {
    if (bug) std::rethrow_exception(bug);
    if (done && done->exit_code == 0) backend = sdk::backend_in(done->out);
  });
  context.run();
  return backend;
}

}  // namespace

sdk::Result<PackageFamily> find_package_family(sdk::Files& files) {
  auto release = files.read("/etc/os-release", kMostOfRelease);
  if (!release) release = files.read("/usr/lib/os-release", kMostOfRelease);
  const auto backend = ask_packagekit();
  const auto family = sdk::pick_family(release ? *release : "", backend);
  if (!family) return sdk::fail(family.error());
  const auto without = sdk::pick_family("", backend);
  return PackageFamily{std::string(*family), without ? "PackageKit works with " + backend : "os-release says so"};
}

}  // namespace upkeep::io
