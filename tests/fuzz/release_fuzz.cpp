// SPDX-License-Identifier: Apache-2.0
// release.json: what is read is written so that it reads the same, its schedule is taken or refused in words, and what is decided by it
// ends. The first part is the document; a second one, if there is one, a signature.
#include "core/release_document.h"

#include "core/decide.h"
#include "core/trust.h"
#include "fuzz/fuzz.h"
#include "shared/window/keys.h"

using namespace upkeep;

namespace {

void check_document(const core::Document& document) {
  const std::string written = core::write_document(document);
  const auto again = core::parse_document(written);
  // Escapes and indentation may make it longer than it was.
  if (!again && written.size() > core::kMostDocumentBytes) return;
  FUZZ_CHECK(again, written);
  FUZZ_CHECK(core::write_document(*again) == written, written);
  FUZZ_CHECK(again->channel == document.channel && again->release.version == document.release.version, written);
  if (document.release.schedule) {
    const std::string problem = shared::window::table_problem(*document.release.schedule);
    FUZZ_CHECK(fuzz::one_printable_line(problem), problem);
  }
  for (const auto& warning : document.warnings) FUZZ_CHECK(fuzz::one_printable_line(warning), warning);
}

void check_decision(const sdk::Release& release) {
  sdk::Installed installed;
  installed.version = "1.2.3-1";
  installed.release = sdk::Version::parse("1.2.3").value();
  core::Facts facts;
  facts.now = sdk::parse_rfc3339("2027-01-05T02:00:00Z").value();
  facts.share = 42;
  facts.release = &release;
  facts.installed = &installed;
  const auto decision = core::decide(facts);
  FUZZ_CHECK(!decision.text.empty() && fuzz::one_printable_line(decision.text), decision.text);
  FUZZ_CHECK(!decision.until || *decision.until > facts.now, decision.text);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parts = fuzz::parts_of(fuzz::text_of(data, size));
  const auto document = core::parse_document(parts.front());
  if (document) {
    check_document(*document);
    check_decision(document->release);
  } else {
    FUZZ_CHECK(fuzz::one_printable_line(document.error().message) && document.error().message.size() < 1000, document.error().message);
  }
  core::Trust trust;
  trust.keys = {core::MinisignKey{"0706050403020100", {1}}};
  trust.channel = "stable";
  const sdk::SignedOffer offer{parts.front(), {parts.begin() + 1, parts.end()}};
  const auto trusted = core::check_signed(offer, trust, {}, nullptr, sdk::parse_rfc3339("2027-01-05T02:00:00Z").value());
  FUZZ_CHECK(!trusted, "nobody has signed that");
  FUZZ_CHECK(fuzz::one_printable_line(trusted.error().message), trusted.error().message);
  return 0;
}
