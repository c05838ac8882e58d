// SPDX-License-Identifier: Apache-2.0
#include "cli/local/channel_options.h"

#include <algorithm>
#include <filesystem>

#include "config/agent.h"
#include "sdk/text.h"

namespace upkeep::cli {
namespace {

namespace fs = std::filesystem;
constexpr const char* kNone = "none";
constexpr auto kToHash = std::chrono::minutes(10);

// "none" takes away; anything else is read.
template <typename T, typename Read>
sdk::Result<void> read_option(const char* name, const std::string& text, std::optional<T>& out, Read read) {
  if (text.empty()) return {};
  if (text == kNone) {
    out.emplace();
    return {};
  }
  auto value = read(text);
  if (!value) return sdk::fail(name, value.error());
  out = T(std::move(*value));
  return {};
}

// The table of schedule/window, as its plugin accepts it.
sdk::Result<sdk::Config> read_schedule(Offline& offline, const std::string& file) {
  const std::string path = fs::absolute(file).lexically_normal();
  const auto text = offline.host().files().read(path, config::kMaxFile);
  if (!text) return sdk::fail(text.error());
  config::Issues issues;
  auto tree = config::parse(*text, path, issues);
  if (tree && tree->is_table()) {
    auto& table = std::get<sdk::Config::Table>(tree->value());
    table.insert_or_assign("use", sdk::Config(std::string("window")));
    core::PluginUse checked;
    config::read_use(sdk::PluginKind::schedule, {*tree, "", issues}, {}, offline.lookup(), checked);
    if (issues.empty()) return std::move(checked.config);
  }
  return sdk::fail(sdk::Errc::invalid, config::text(issues.front()));
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) { return sdk::is_digit(c) || (c >= 'a' && c <= 'f'); });
}

sdk::Result<std::string> sha256_of(Offline& offline, const std::string& file) {
  sdk::ProcessRequest request({"/usr/bin/sha256sum", "--", fs::absolute(file).string()});
  request.deadline = kToHash;
  const auto done = offline.wait(offline.host().process().run(std::move(request)));
  if (!done) return sdk::fail(done.error());
  const std::string digest = sdk::lower(done->out.substr(0, 64));
  if (done->exit_code != 0 || !is_sha256(digest)) return sdk::fail(sdk::Errc::invalid, std::string(sdk::trimmed(done->err)));
  return digest;
}

using Digests = std::optional<std::map<std::string, std::string>>;

tl::unexpected<sdk::Error> named_twice(const char* option, const std::string& name) {
  return sdk::fail(sdk::Errc::invalid, std::string(option) + " names " + sdk::quoted(name) + " twice; only one can stand for the release");
}

sdk::Result<void> read_packages(Offline& offline, const std::vector<std::string>& words, Digests& out) {
  if (words.empty()) return {};
  out.emplace();
  for (const std::string& word : words) {
    if (word == kNone) continue;
    const auto equals = word.rfind('=');
    std::error_code error;
    const bool file = fs::exists(word, error);
    if (!file && (equals == std::string::npos || !is_sha256(word.substr(equals + 1))))
      return sdk::fail(sdk::Errc::invalid,
                       "--package: " + sdk::quoted(word) + " is neither a file nor NAME=SHA256 (64 hexadecimal digits in lower case)");
    auto digest = file ? sha256_of(offline, word) : sdk::Result<std::string>(word.substr(equals + 1));
    if (!digest) return sdk::fail("--package", digest.error());
    const std::string name = file ? fs::path(word).filename().string() : word.substr(0, equals);
    if (!out->emplace(name, std::move(*digest)).second) return named_twice("--package", name);
  }
  return {};
}

sdk::Result<void> read_images(const std::vector<std::string>& words, Digests& out) {
  if (words.empty()) return {};
  out.emplace();
  for (const std::string& word : words) {
    if (word == kNone) continue;
    const auto equals = word.find("=sha256:");
    if (equals == 0 || equals == std::string::npos || !is_sha256(std::string_view(word).substr(equals + 8)))
      return sdk::fail(sdk::Errc::invalid, "--image takes REPOSITORY=sha256:HEX, not " + sdk::quoted(word));
    if (!out->emplace(word.substr(0, equals), word.substr(equals + 1)).second) return named_twice("--image", word.substr(0, equals));
  }
  return {};
}

sdk::Result<void> read_times(Offline& offline, const PublishOptions& options, const ChannelBase& base, core::ReleaseEdit& out) {
  out.issued = std::chrono::floor<std::chrono::seconds>(offline.host().clock().now());
  if (!options.issued.empty()) {
    const auto time = time_option("--issued", options.issued);
    if (!time) return sdk::fail(time.error());
    out.issued = *time;
  }
  out.expires = out.issued + base.expires;
  if (options.expires.empty()) return {};
  if (const auto duration = sdk::parse_duration(options.expires)) {
    out.expires = out.issued + *duration;
    return {};
  }
  const auto time = sdk::parse_rfc3339(options.expires);
  if (!time)
    return sdk::fail(sdk::Errc::invalid,
                     "--expires takes a duration (90d) or a time (2027-01-05T02:00:00Z), not " + sdk::quoted(options.expires));
  out.expires = *time;
  return {};
}

}  // namespace

sdk::Result<sdk::Version> version_option(const std::string& text) { return sdk::Version::parse(text); }

sdk::Result<core::ReleaseEdit> edit_of(Offline& offline, const PublishOptions& options, const ChannelBase& base) {
  core::ReleaseEdit out;
  out.allow_downgrade = options.allow_downgrade;
  out.allow_serial_jump = options.allow_serial_jump;
  if (!options.critical.empty()) out.critical = options.critical == "yes";
  if (!options.serial.empty()) {
    const auto serial = sdk::parse_number(options.serial);
    if (!serial) return sdk::fail(sdk::Errc::invalid, "--serial takes a whole number, not " + sdk::quoted(options.serial));
    out.serial = *serial;
  }
  const auto as_is = [](const std::string& text) { return sdk::Result<std::string>(text); };
  const auto keys = [&](const std::vector<std::string>& words) -> sdk::Result<void> {
    if (words.empty()) return {};
    auto read = words.front() == kNone ? std::vector<core::MinisignKey>() : public_key_options(offline, words);
    if (!read) return sdk::fail("--announce-key", read.error());
    out.keys = std::move(*read);
    return {};
  };
  const auto done = [&]() -> sdk::Result<void> {
    return read_times(offline, options, base, out)
        .and_then([&] { return read_option("--notes", options.notes, out.notes_url, as_is); })
        .and_then([&] { return read_option("--not-before", options.not_before, out.not_before, sdk::parse_rfc3339); })
        .and_then([&] { return read_option("--minimum-from", options.minimum_from, out.minimum_from, version_option); })
        .and_then([&] { return read_option("--rollout", options.rollout, out.rollout, core::parse_rollout); })
        .and_then([&] {
          return read_option("--schedule", options.schedule, out.schedule, [&](const auto& file) { return read_schedule(offline, file); });
        })
        .and_then([&] { return read_images(options.images, out.images); })
        .and_then([&] { return read_packages(offline, options.packages, out.packages); })
        .and_then([&] { return keys(options.announced); });
  }();
  if (!done) return sdk::fail(done.error());
  return out;
}

}  // namespace upkeep::cli
