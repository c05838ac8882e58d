// SPDX-License-Identifier: Apache-2.0
// channel push: from a folder to where hosts read, in an order that is safe for who reads meanwhile; then everything is read back.
#include <algorithm>
#include <iostream>
#include <optional>

#include "cli/local/channel_commands.h"
#include "cli/local/channel_folder.h"
#include "cli/local/channel_print.h"
#include "cli/local/channel_trust.h"
#include "cli/terminal.h"
#include "core/channel.h"
#include "sdk/text.h"

namespace upkeep::cli {
namespace {

using nlohmann::json;

// Caches must ask each time: two files that do not fit, from two ages, are refused by hosts for as long as they are served.
constexpr const char* kFresh = "no-cache";

std::string content_type(const std::string& name) { return name == core::kDocumentFile ? "application/json" : "text/plain; charset=utf-8"; }

core::Trust trust_of(const ChannelBase& base, const std::string& channel) {
  core::Trust out;
  out.keys = base.keys;
  out.signatures = base.signatures;
  out.channel = channel;
  return out;
}

class Push {
 public:
  Push(Offline& offline, const PushOptions& options, const ChannelBase& base, std::string channel)
      : offline_(offline), options_(options), base_(base), channel_(std::move(channel)) {}

  // Whether anything had to be written.
  sdk::Result<bool> run() {
    auto state = load_channel(offline_, base_, channel_);
    if (!state) return sdk::fail(state.error());
    if (!state->document) return sdk::fail(sdk::Errc::invalid, "there is no such channel in " + base_.folder);
    state_ = std::move(*state);
    if (const auto good = check_own(); !good) return sdk::fail(good.error());
    files_ = files_of(base_, state_);
    place_ = {.where = tidy_place(options_.target) + "/" + channel_,
              .channel = channel_,
              .ca_file = options_.ca_file,
              .options = options_.options};
    auto opened = open_source(offline_, place_);
    if (!opened) return sdk::fail(opened.error());
    source_ = std::move(*opened);
    if (const auto alone = lock(); !alone) return sdk::fail(alone.error());
    if (const auto older = check_served(); !older) return sdk::fail(older.error());
    const bool same = served_as_meant(*source_).has_value();
    if (!same)
      if (const auto written = write(); !written) return sdk::fail(written.error());
    if (const auto seen = served_as_meant(*source_); !seen) return sdk::fail("read back", at_work(seen.error()));
    if (!options_.url.empty())
      if (const auto seen = look_as_host(); !seen) return sdk::fail("as hosts read it", seen.error());
    return !same;
  }
  [[nodiscard]] const ChannelState& state() const { return state_; }
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }
  [[nodiscard]] std::string where() const { return source_ ? source_->origin() : options_.target; }

 private:
  // What no host would take is not uploaded.
  sdk::Result<void> check_own() {
    if (!base_.is_signed()) return {};
    if (state_.bytes.empty()) return sdk::fail(sdk::Errc::invalid, "it has no release.json; `upkeep channel set` makes it");
    if (const auto good = judged(offer_of_state()); !good) return sdk::fail("what lies in " + base_.folder + "/" + channel_, good.error());
    return {};
  }
  [[nodiscard]] sdk::SignedOffer offer_of_state() const {
    sdk::SignedOffer out{.document = state_.bytes};
    for (const auto& [id, text] : state_.signatures) out.signatures.push_back(text);
    return out;
  }
  [[nodiscard]] sdk::Result<core::Trusted> judged(const sdk::SignedOffer& offer) {
    return core::check_signed(offer, trust_of(base_, channel_), std::nullopt, nullptr, offline_.host().clock().now());
  }

  // Two who write at once would leave the document of one with the signature of the other. Stores know no such lock.
  sdk::Result<void> lock() {
    if (is_address(options_.target)) return {};
    auto held = lock_folder(place_.where);
    if (!held) return sdk::fail(held.error());
    lock_ = std::move(*held);
    return {};
  }
  static sdk::Error at_work(sdk::Error error) {
    if (error.code == sdk::Errc::transient) error.message += "; is another publisher at work there?";
    return error;
  }

  // denied: what is served there is newer; others: nobody can tell. Only what does not exist is overwritten unseen.
  sdk::Result<void> check_served() {
    const auto served = offline_.wait(source_->get(base_.is_signed() ? std::string(core::kDocumentFile) : "version"));
    const bool nowhere = !served && served.error().code == sdk::Errc::unsupported;  // nobody publishes to such a place
    if (nowhere && !options_.overwrite) return sdk::fail(served.error());
    if (!served) return untold(served.error());
    if (!*served) return {};
    return base_.is_signed() ? check_serial(**served) : check_version(**served);
  }
  [[nodiscard]] sdk::Result<void> untold(sdk::Error why) const {
    if (options_.overwrite) return {};
    why.message = "whether something newer is served there cannot be told: " + why.message + "; --overwrite if it is not";
    if (why.code == sdk::Errc::denied) why.message += ", as at first in a bucket that does not say what it has";
    return sdk::fail(why);
  }
  // Whoever can write there could name any serial; one that no host would take is none.
  sdk::Result<void> check_serial(const std::string& bytes) {
    if (bytes == state_.bytes) return {};
    const auto document = core::parse_document(bytes);
    if (!document) return untold(document.error().with_context(where() + "/" + std::string(core::kDocumentFile)));
    const auto theirs = *document->release.serial, ours = *state_.document->release.serial;
    if (theirs < ours) return {};
    const auto offer = read_signed(offline_, *source_, base_.keys);
    if (!offer) return untold(offer.error());
    const auto& body = std::get<sdk::SignedOffer>(offer->body);
    if (body.document != bytes) return sdk::fail(at_work({sdk::Errc::transient, "release.json changes while it is read"}));
    // When it was issued: that it has expired takes its serial from no host's memory.
    const auto good = core::check_signed(body, trust_of(base_, channel_), std::nullopt, nullptr, *document->release.issued);
    if (!good) {
      warnings_.push_back("serial " + std::to_string(theirs) +
                          " lay there, which the keys of this folder have not signed, and is overwritten: " + good.error().message);
      return {};
    }
    return sdk::fail(sdk::Errc::denied, "serial " + std::to_string(theirs) + " is served there" +
                                            (theirs == ours ? " with another document" : "") + ", and this folder has serial " +
                                            std::to_string(ours) + "; publish on top of that, or give --serial " +
                                            std::to_string(theirs + 1) + " to `upkeep channel set`");
  }
  sdk::Result<void> check_version(const std::string& bytes) {
    const auto served = core::check_offer({.origin = where(), .etag = "", .body = sdk::PlainOffer{.version = bytes}});
    if (!served) return untold(served.error().with_context(where() + "/version"));
    const auto& theirs = served->release.version;
    const auto& ours = state_.document->release.version;
    if (!theirs || !ours || *ours >= *theirs || options_.allow_downgrade) return {};
    return sdk::fail(sdk::Errc::denied,
                     theirs->str() + " is served there, and this folder has " + ours->str() + "; --allow-downgrade if hosts shall go back");
  }

  sdk::Result<void> write() {
    if (!is_address(options_.target)) return write_files(offline_, place_.where, files_);
    for (const auto& file : files_) {
      sdk::Object object{file.name, file.bytes, content_type(file.name), options_.cache_control.empty() ? kFresh : options_.cache_control};
      if (const auto put = offline_.wait(source_->put(std::move(object))); !put) return sdk::fail(put.error());
    }
    return {};
  }

  // Every byte, and that a host takes it.
  sdk::Result<void> served_as_meant(sdk::Source& source) {
    if (base_.is_signed()) {
      const auto offer = read_signed(offline_, source, base_.keys);
      if (!offer) return sdk::fail(offer.error());
      const auto& body = std::get<sdk::SignedOffer>(offer->body);
      if (body.document != state_.bytes) return sdk::fail(sdk::Errc::transient, "another release.json is served");
      for (const auto& [id, text] : state_.signatures)
        if (std::find(body.signatures.begin(), body.signatures.end(), text) == body.signatures.end())
          return sdk::fail(sdk::Errc::transient, "the signature of key " + id + " is not served");
      if (const auto good = judged(body); !good) return sdk::fail(good.error());
    }
    const auto offer = read_plain(offline_, source);
    if (!offer) return sdk::fail(offer.error());
    const auto& body = std::get<sdk::PlainOffer>(offer->body);
    for (const auto& file : core::plain_files(state_.document->release))
      if ((file.name == "version" ? body.version : body.critical.value_or("")) != file.bytes)
        return sdk::fail(sdk::Errc::transient, "another " + file.name + " is served");
    return {};
  }

  sdk::Result<void> look_as_host() {
    const auto source =
        open_source(offline_, {.where = tidy_place(options_.url) + "/" + channel_, .channel = channel_, .ca_file = options_.ca_file});
    if (!source) return sdk::fail(source.error());
    return served_as_meant(**source);
  }

  Offline& offline_;
  const PushOptions& options_;
  const ChannelBase& base_;
  std::string channel_;
  ChannelState state_;
  std::vector<core::ChannelFile> files_;
  ChannelPlace place_;
  std::unique_ptr<sdk::Source> source_;
  io::Fd lock_;
  std::vector<std::string> warnings_;
};

}  // namespace

void push_channels(const PushOptions& options, Context& context) {
  Offline offline(context);
  const auto locked = lock_base(offline, options.base);
  if (!locked) return report(context, locked.error());
  const auto* base = &locked->base;
  const auto channels = options.channels.empty() ? channels_of(*base) : options.channels;
  if (channels.empty())
    return report(context, {sdk::Errc::invalid, "there is no channel in " + base->folder + "; `upkeep channel set` makes one"});
  json done = json::array();
  std::optional<sdk::Error> failed;
  for (const std::string& channel : channels) {
    Push push(offline, options, *base, channel);
    const auto changed = push.run();
    if (!changed) {  // the others are none the worse for it
      const auto error = changed.error().with_context(channel + " to " + push.where());
      context.fail(error.message);
      failed = failed ? sdk::Error(failed->code, failed->message + "\n" + error.message) : error;
      continue;
    }
    const auto& release = push.state().document->release;
    const std::string version = release.version ? release.version->str() : "none";
    done.push_back({{"channel", channel},
                    {"where", push.where()},
                    {"version", release.version ? json(version) : json()},
                    {"serial", release.serial ? json(*release.serial) : json()},
                    {"changed", *changed},
                    {"warnings", push.warnings()}});
    if (context.json) continue;
    std::cout << printable(push.where()) << ": " << version << (release.serial ? ", serial " + std::to_string(*release.serial) : "")
              << (*changed ? ", published and read back" : ", as it was") << "\n";
    print_warnings(push.warnings());
  }
  if (!context.json) return;
  json out = {{"pushed", std::move(done)}};
  if (failed) out["error"] = {{"code", sdk::name(failed->code)}, {"message", failed->message}};
  context.print_json(out);
}

}  // namespace upkeep::cli
