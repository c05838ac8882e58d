// SPDX-License-Identifier: Apache-2.0
// "KEY\n%%\nMESSAGE\n%%\nSIGNATURE\n%%\nSECRET": what is read is written the same again, what is refused is said on one line, and no
// signature is accepted with a byte of the message more. A secret key without a password (one with takes seconds) signs what its public
// half verifies.
#include "core/minisign.h"
#include "core/minisign_secret.h"
#include "fuzz/fuzz.h"
#include "sdk/result.h"

using namespace upkeep;

namespace {

void check_refusal(const sdk::Error& error, sdk::Errc code) {
  FUZZ_CHECK(error.code == code && fuzz::one_printable_line(error.message) && error.message.size() < 300, error.message);
}

bool is_id(const std::string& text) { return text.size() == 16 && text.find_first_not_of("0123456789ABCDEF") == std::string::npos; }

void check_secret(const std::string& text) {
  const core::SecretBytes file(text.begin(), text.end());
  const auto locked = core::needs_password(file);
  if (!locked) return check_refusal(locked.error(), sdk::Errc::invalid);
  if (*locked) return;
  const auto secret = core::read_minisign_secret(file, {});
  if (!secret) return check_refusal(secret.error(), sdk::Errc::invalid);
  const auto signature = core::parse_minisign_signature(core::sign(*secret, text, "a comment").value());
  FUZZ_CHECK(signature && core::verify(secret->public_key, text, *signature), secret->public_key.id);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto parts = fuzz::parts_of(fuzz::text_of(data, size));
  parts.resize(4);
  check_secret(parts[3]);
  const auto key = core::parse_minisign_key(parts[0]);
  if (key) {
    FUZZ_CHECK(is_id(key->id) && core::parse_minisign_key(core::to_text(*key)) == *key, key->id);
  } else {
    check_refusal(key.error(), sdk::Errc::invalid);
  }
  const auto signature = core::parse_minisign_signature(parts[2]);
  if (!signature) {
    check_refusal(signature.error(), sdk::Errc::invalid);
    return 0;
  }
  FUZZ_CHECK(is_id(signature->key_id) && parts[2].find(signature->trusted_comment) != std::string::npos, signature->key_id);
  if (!key) return 0;
  const auto judged = core::verify(*key, parts[1], *signature);
  if (!judged) check_refusal(judged.error(), sdk::Errc::denied);
  FUZZ_CHECK(!judged || !core::verify(*key, parts[1] + "x", *signature), "two messages have one signature");
  return 0;
}
