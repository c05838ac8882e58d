// SPDX-License-Identifier: Apache-2.0
#include "core/channel.h"

#include "core/release_document.h"
#include "sdk/text.h"

namespace upkeep::core {
namespace {

constexpr std::size_t kLongestBody = 4096;

struct Flag {
  bool critical = false;
  std::string warning;
};

Flag read_critical(const sdk::PlainOffer& offer) {
  if (!offer.critical) return {false, "critical could not be read" + (offer.critical_note.empty() ? "" : ": " + offer.critical_note)};
  if (offer.critical->size() > kLongestBody) return {false, "the critical file is longer than 4 KiB"};
  std::string text = sdk::lower(sdk::trimmed(*offer.critical));
  if (text == "yes" || text == "true") return {true, ""};
  if (text == "no" || text == "false") return {false, ""};
  return {false, "the critical file says neither yes nor no: " + sdk::quoted(*offer.critical)};
}

sdk::Result<std::optional<sdk::Version>> read_version(const std::string& body) {
  if (body.size() > kLongestBody) return sdk::fail(sdk::Errc::invalid, "longer than 4 KiB");
  std::string_view text = sdk::trimmed(body);
  if (text.empty()) return sdk::fail(sdk::Errc::invalid, "it is empty");
  if (text == "none") return std::optional<sdk::Version>();
  auto version = sdk::Version::parse(text);
  if (!version) return tl::unexpected(version.error());
  return std::optional(*version);
}

}  // namespace

sdk::Result<CheckedRelease> check_offer(const sdk::Offer& offer) {
  if (const auto* signed_offer = std::get_if<sdk::SignedOffer>(&offer.body)) {
    auto document = parse_document(signed_offer->document);
    if (!document) return sdk::fail("release.json of " + offer.origin, document.error());
    document->release.origin = offer.origin;
    return CheckedRelease{std::move(document->release), std::move(document->warnings)};
  }
  const auto* plain = &std::get<sdk::PlainOffer>(offer.body);
  auto version = read_version(plain->version);
  if (!version) return sdk::fail("version file of " + offer.origin, version.error());
  CheckedRelease out;
  out.release.version = *version;
  out.release.origin = offer.origin;
  Flag flag = read_critical(*plain);
  out.release.critical = flag.critical;
  if (!flag.warning.empty()) out.warnings.push_back(flag.warning);
  return out;
}

}  // namespace upkeep::core
