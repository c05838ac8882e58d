// SPDX-License-Identifier: Apache-2.0
// A source that offers the highest release among the tags of a git repository on this host:
//
//   [source]
//   use = "tags"
//   repository = "/srv/demo.git"
//   line = "2"                      # only 2.x.y; absent: all
//   poll = "1m"
//
// A version is critical when it has a second tag, critical/v2.3.4, beside v2.3.4.

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "refs.h"
#include "sdk/plugin.h"
#include "sdk/text.h"

namespace tags {
namespace {

constexpr std::string_view kCritical = "critical/";

constexpr auto kKeys = std::to_array<sdk::KeySpec>({
    {.name = "repository", .required = true, .help = "absolute path of a bare git repository, or of the .git of another one"},
    {.name = "line", .help = "only versions that begin so: \"2\" or \"2.3\"; absent: all"},
    {.name = "prereleases", .type = sdk::KeyType::flag, .fallback = "false", .help = "versions like 2.0.0-rc.1 count, too"},
});

struct Line {
  std::optional<std::uint64_t> major, minor;
};

// "2", "2.3", or nothing; nullopt: none of these.
std::optional<Line> parse_line(const std::string& text) {
  Line out;
  if (text.empty()) return out;
  const auto parts = sdk::split(text, '.');
  out.major = sdk::parse_number(parts[0]);
  if (parts.size() == 2) out.minor = sdk::parse_number(parts[1]);
  const bool good = parts.size() <= 2 && out.major && (parts.size() == 1 || out.minor);
  return good ? std::optional(out) : std::nullopt;
}

std::vector<sdk::ConfigIssue> check(const sdk::Config& config) {
  std::vector<sdk::ConfigIssue> issues;
  if (!config.text("repository").starts_with('/'))
    issues.push_back({config.find("repository")->place(), "repository", "must be an absolute path"});
  if (config.has("line") && (config.text("line").empty() || !parse_line(config.text("line"))))
    issues.push_back(
        {config.find("line")->place(), "line", sdk::quoted(config.text("line")) + " is no line of releases, such as \"2\" or \"2.3\""});
  return issues;
}

class Tags final : public sdk::Source {
 public:
  Tags(sdk::Host& host, const sdk::Config& config)
      : host_(host),
        repository_(config.text("repository")),
        line_text_(config.text("line")),
        line_(parse_line(line_text_).value_or(Line())),
        prereleases_(config.flag("prereleases")) {}

  sdk::Task<sdk::Result<std::optional<sdk::Offer>>> poll(const sdk::Offer* last, const sdk::Wanted& /*wanted*/) override {
    const auto names = read_tags(host_.files(), repository_);
    if (!names) co_return sdk::fail(names.error());
    sdk::PlainOffer body;
    body.version = "none";
    body.critical = "no";
    if (const auto highest = highest_of(*names)) {
      body.version = highest->str();
      if (is_critical(*names, *highest)) body.critical = "yes";
    }
    sdk::Offer offer;
    offer.origin = origin();
    offer.body = std::move(body);
    if (last != nullptr && offer == *last) co_return std::optional<sdk::Offer>();
    co_return std::optional<sdk::Offer>(std::move(offer));
  }

  [[nodiscard]] std::string origin() const override { return line_text_.empty() ? repository_ : repository_ + ", line " + line_text_; }

 private:
  [[nodiscard]] bool counts(const sdk::Version& version) const {
    return (prereleases_ || version.prerelease().empty()) && (!line_.major || *line_.major == version.major()) &&
           (!line_.minor || *line_.minor == version.minor());
  }

  // Tags that are no versions are somebody else's and mean nothing here.
  [[nodiscard]] std::optional<sdk::Version> highest_of(const std::set<std::string>& names) const {
    std::optional<sdk::Version> out;
    for (const std::string& name : names) {
      const auto version = sdk::Version::parse(name);
      if (version && counts(*version) && (!out || *out < *version)) out = *version;
    }
    return out;
  }

  static bool is_critical(const std::set<std::string>& names, const sdk::Version& version) {
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      if (!name.starts_with(kCritical)) return false;
      const auto named = sdk::Version::parse(name.substr(kCritical.size()));
      return named && *named == version;
    });
  }

  sdk::Host& host_;
  const std::string repository_, line_text_;
  const Line line_;
  const bool prereleases_;
};

sdk::Result<std::unique_ptr<sdk::Source>> make(sdk::Host& host, const sdk::Config& config) { return std::make_unique<Tags>(host, config); }

}  // namespace
}  // namespace tags

extern "C" const upkeep::sdk::Descriptor upkeep_plugin = {.name = "tags",
                                                          .version = "1.0.0",
                                                          .summary = "the highest release among the tags of a git repository",
                                                          .keys = tags::kKeys,
                                                          .check = &tags::check,
                                                          .make = &tags::make};
