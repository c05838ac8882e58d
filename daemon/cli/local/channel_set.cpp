// SPDX-License-Identifier: Apache-2.0
// channel set: what a channel says from now on.
#include "cli/local/channel_commands.h"
#include "cli/local/channel_publish.h"
#include "sdk/text.h"

namespace upkeep::cli {

void set_channel(const std::string& channel, const std::string& version, const PublishOptions& options, Context& context) {
  publish(
      channel, options,
      [&](Offline& offline, const ChannelBase&, const ChannelState& before, core::ReleaseEdit edit) -> sdk::Result<core::Document> {
        if (version == "none") edit.version.emplace();
        if (!version.empty() && version != "none") {
          auto read = version_option(version);
          if (!read) return sdk::fail(read.error());
          edit.version = std::move(*read);
        }
        return core::edited(channel, before.document, edit, offline.host().clock().now());
      },
      context);
}

void promote_channel(const std::string& from, const std::string& to, const PublishOptions& options, Context& context) {
  publish(
      to, options,
      [&](Offline& offline, const ChannelBase& base, const ChannelState& before, core::ReleaseEdit edit) -> sdk::Result<core::Document> {
        const auto source = load_channel(offline, base, from);
        if (!source) return sdk::fail(source.error());
        if (!source->document) return sdk::fail(sdk::Errc::invalid, "there is no channel " + sdk::quoted(from) + " in " + base.folder);
        core::take_release(source->document->release, edit);
        return core::edited(to, before.document, edit, offline.host().clock().now());
      },
      context);
}

void withdraw_version(const std::string& channel, const std::string& version, const std::string& go_to, bool undo,
                      const PublishOptions& options, Context& context) {
  publish(
      channel, options,
      [&](Offline& offline, const ChannelBase& base, const ChannelState& before,
          const core::ReleaseEdit& edit) -> sdk::Result<core::Document> {
        if (!before.document) return sdk::fail(sdk::Errc::invalid, "there is no channel " + sdk::quoted(channel) + " in " + base.folder);
        const auto leave = version_option(version);
        if (!leave) return sdk::fail(leave.error());
        std::optional<sdk::Version> instead;
        if (!go_to.empty()) {
          auto read = version_option(go_to);
          if (!read) return sdk::fail("--go-to", read.error());
          instead = std::move(*read);
        }
        auto next = core::withdrawn(channel, *before.document, *leave, instead, undo, edit, offline.host().clock().now());
        if (!next || base.is_signed()) return next;
        if (before.document->release.version != *leave)
          return sdk::fail(sdk::Errc::invalid, "plain channels can withdraw only what they offer, and " + sdk::quoted(channel) +
                                                   " does not offer " + leave->str());
        next->release.withdrawn.clear();
        return next;
      },
      context);
}

}  // namespace upkeep::cli
