// SPDX-License-Identifier: Apache-2.0
#include "state/files/plugin.h"

namespace upkeep::plugins::files {
namespace {

constexpr const char* kAgents = "agents";

class FilesState : public sdk::State {
 public:
  explicit FilesState(sdk::Host& host) : host_(host), path_(kAgents + ("/" + host.agent()) + "/journal.jsonl") {}

  sdk::Task<sdk::Result<std::vector<std::string>>> agents() override {
    auto names = host_.files().list(kAgents);
    // No folder: nothing was ever stored.
    if (!names && names.error().code == sdk::Errc::unsupported) names = std::vector<std::string>();
    co_return names;
  }

  sdk::Task<sdk::Result<sdk::JournalBytes>> load() override {
    auto bytes = host_.files().read(path_, capacity());
    // Only what is not there is empty: one that cannot be read now must not be begun anew.
    if (!bytes && bytes.error().code == sdk::Errc::unsupported) bytes = std::string();
    if (!bytes) co_return sdk::fail("journal", bytes.error());
    // After a failed sync the kernel may show bytes, or a name, that never reach the disk: what was read counts once it is
    // written anew.
    if (doubtful_) {
      if (auto written = host_.files().write_atomic(path_, *bytes); !written) co_return sdk::fail("journal", written.error());
      doubtful_ = false;
    }
    sdk::JournalBytes journal;
    journal.bytes = std::move(*bytes);
    co_return sdk::Result<sdk::JournalBytes>(std::move(journal));
  }

  // The folder has one daemon (a lock), so nobody else writes: `lost` cannot happen. After a failed write the end of the
  // file is unknown.
  sdk::Task<sdk::Append> append(std::uint64_t /*sequence*/, std::string line) override {
    line += '\n';
    auto written = host_.files().append_durable(path_, line);
    if (!written) {
      doubtful_ = true;
      host_.log(sdk::LogLevel::error, "journal append failed: " + written.error().message);
    }
    co_return written ? sdk::Append::done : sdk::Append::unknown;
  }

  sdk::Task<sdk::Result<void>> truncate(std::size_t size) override {
    auto cut = host_.files().truncate(path_, size);
    doubtful_ = doubtful_ || !cut;
    co_return cut;
  }

  sdk::Task<sdk::Result<void>> compact(std::string bytes) override {
    auto written = host_.files().write_atomic(path_, bytes);
    doubtful_ = !written;
    co_return written;
  }

  sdk::Task<sdk::Result<std::string>> set_aside() override {
    if (!host_.files().exists(path_)) co_return sdk::Result<std::string>(std::string());
    const std::string aside = path_ + ".damaged-" + sdk::rfc3339(host_.clock().now());
    if (auto moved = host_.files().rename(path_, aside); !moved) co_return sdk::fail("journal", moved.error());
    co_return sdk::Result<std::string>(aside);
  }

 private:
  sdk::Host& host_;
  std::string path_;
  bool doubtful_ = false;
};

sdk::Result<std::unique_ptr<sdk::State>> make(sdk::Host& host, const sdk::Config& /*config*/) {
  return std::unique_ptr<sdk::State>(std::make_unique<FilesState>(host));
}

}  // namespace

constinit const sdk::Descriptor kDescriptor = {
    .name = "files",
    .summary = "journals as files below the state folder",
    .make = sdk::Factory<sdk::State>(&make),
};

}  // namespace upkeep::plugins::files
