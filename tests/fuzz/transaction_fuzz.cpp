// SPDX-License-Identifier: Apache-2.0
// Signals of a PackageKit transaction, members and arguments of any type: it ends, within its bounds, and never says success
// without a Finished that says so.
#include <array>

#include "fuzz/fuzz.h"
#include "sdk/text.h"
#include "shared/packagekit/driver.h"
#include "shared/packagekit/roles.h"
#include "support/fake_packagekit.h"

using namespace upkeep;
using namespace upkeep::shared::packagekit;

namespace {

class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  [[nodiscard]] bool empty() const { return at_ >= size_; }
  std::uint8_t byte() { return empty() ? 0 : data_[at_++]; }
  std::string text() {
    const std::size_t length = std::min<std::size_t>(byte(), size_ - at_);
    std::string out(reinterpret_cast<const char*>(data_ + at_), length);  // NOLINT
    at_ += length;
    return out;
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_, at_ = 0;
};

sdk::BusValue value(Bytes& bytes, int depth = 0) {
  switch (bytes.byte() % (depth < 3 ? 8 : 6)) {
    case 0:
      return static_cast<int>(bytes.byte());
    case 1:
      return std::uint64_t{bytes.byte()} << (bytes.byte() % 57);
    case 2:
      return -std::int64_t{bytes.byte()};
    case 3:
      return bytes.byte() % 2 == 0;
    case 4:
      return 0.5 * bytes.byte();
    case 5:
      return bytes.text();
    case 6: {
      sdk::BusArray items;
      for (int left = bytes.byte() % 5; left > 0; --left) items.push_back(value(bytes, depth + 1));
      return items;
    }
    default: {
      static constexpr std::array kKeys = {"Status", "Percentage", "Role", "x"};
      sdk::BusDict dict;
      for (int left = bytes.byte() % 5; left > 0; --left) dict.emplace_back(kKeys.at(bytes.byte() % 4), value(bytes, depth + 1));
      return dict;
    }
  }
}

sdk::Task<sdk::Result<Outcome>> install_once(sdk::Host& host) {
  auto transaction = co_await Transaction::create(host);
  if (!transaction) co_return sdk::fail(transaction.error());
  auto ids = sdk::words({"demo-agent;2.3.4-1;all;demo"});
  auto request = install(kOnlyTrusted, std::move(ids), std::chrono::minutes(30));
  co_return co_await (*transaction)->run(std::move(request));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr std::array kMembers = {"Package",  "Packages", "ErrorCode",        "RequireRestart", "PropertiesChanged",
                                          "Finished", "Destroy",  "NameOwnerChanged", "lost",           "ItemProgress"};
  Bytes bytes(data, size);
  std::vector<test::PkStep> steps;
  bool succeeds = false;
  while (!bytes.empty() && steps.size() < 200) {
    test::PkStep step;
    step.member = kMembers.at(bytes.byte() % kMembers.size());
    for (int left = bytes.byte() % 4; left > 0; --left) step.arguments.push_back(value(bytes));
    if (step.member == "Finished" && !step.arguments.empty()) succeeds = succeeds || step.arguments[0].number() == 1;
    steps.push_back(std::move(step));
  }
  test::FakePackageKit host;
  host.plays["InstallPackages"].push_back(std::move(steps));
  const auto outcome = host.run(install_once(host));
  if (!outcome) {
    FUZZ_CHECK(!outcome.error().message.empty(), "an error without words");
    return 0;
  }
  FUZZ_CHECK(outcome->exit != Exit::success || succeeds, "success that nobody spoke of");
  FUZZ_CHECK(fuzz::one_printable_line(outcome->error_text) && outcome->error_text.size() <= 700, outcome->error_text);
  for (const auto& line : outcome->packages) FUZZ_CHECK(line.id.size() <= 1025, line.id);
  for (const auto& line : told(*outcome)) FUZZ_CHECK(fuzz::one_printable_line(line) && line.size() <= 800, line);
  if (const auto all = has_all_packages(*outcome); !all && outcome->exit == Exit::success)
    FUZZ_CHECK(!planned(*outcome, "demo"), "a plan of packages that are not all known");
  return 0;
}
