// SPDX-License-Identifier: Apache-2.0
#include "source/file/plugin.h"

#include "shared/channel/loader.h"
#include "shared/channel/location.h"

namespace upkeep::plugins::file {

using sdk::KeyType;
using shared::channel::ObjectAnswer;

namespace {

// Reads each time: two small local files are cheaper to read than to compare.
class FolderReader final : public shared::channel::ObjectReader {
 public:
  FolderReader(sdk::Files& files, const std::string& folder) : files_(files), folder_(folder) {}

  sdk::Task<sdk::Result<ObjectAnswer>> read(std::string name, std::string /*validator*/) override {
    auto bytes = files_.read(folder_ + "/" + name, shared::channel::most_bytes(name));
    ObjectAnswer answer;
    if (!bytes && bytes.error().code == sdk::Errc::unsupported) co_return sdk::Result<ObjectAnswer>(std::move(answer));  // missing
    if (!bytes) co_return sdk::fail(bytes.error());
    answer.kind = ObjectAnswer::Kind::found;
    answer.bytes = std::move(*bytes);
    co_return sdk::Result<ObjectAnswer>(std::move(answer));
  }

 private:
  sdk::Files& files_;
  const std::string& folder_;
};

class FileSource final : public sdk::Source {
 public:
  FileSource(sdk::Host& host, std::string folder) : host_(host), folder_(std::move(folder)) {}

  sdk::Task<sdk::Result<std::optional<sdk::Offer>>> poll(const sdk::Offer* last, const sdk::Wanted& wanted) override {
    FolderReader reader(host_.files(), folder_);
    co_return co_await shared::channel::load(reader, folder_, last, wanted);
  }
  sdk::Task<sdk::Result<std::optional<std::string>>> get(std::string name) override {
    FolderReader reader(host_.files(), folder_);
    co_return co_await shared::channel::load_file(reader, folder_, std::move(name));
  }
  [[nodiscard]] std::string origin() const override { return folder_; }

 private:
  sdk::Host& host_;
  std::string folder_;
};

constinit const sdk::KeySpec kKeys[] = {
    {.name = "path", .type = KeyType::text, .required = true, .help = "folder of the channels, an absolute path: /srv/channels"},
    {.name = "channel", .type = KeyType::text, .required = true, .help = "the channel, a folder below path: current, stable/cloud"},
};

std::vector<sdk::ConfigIssue> check(const sdk::Config& config) {
  std::vector<sdk::ConfigIssue> issues;
  if (const auto* path = config.find("path"); path && !config.text("path").starts_with('/')) {
    issues.push_back({path->place(), "path", "must be an absolute path"});
  }
  const std::string problem = shared::channel::channel_problem(config.text("channel"));
  if (const auto* channel = config.find("channel"); channel && !problem.empty()) issues.push_back({channel->place(), "channel", problem});
  return issues;
}

sdk::Result<std::unique_ptr<sdk::Source>> make(sdk::Host& host, const sdk::Config& config) {
  return std::make_unique<FileSource>(host, shared::channel::join(config.text("path"), config.text("channel")));
}

}  // namespace

constinit const sdk::Descriptor kDescriptor = {
    .name = "file", .summary = "a channel in a folder of this host", .keys = kKeys, .check = &check, .make = &make};

}  // namespace upkeep::plugins::file
