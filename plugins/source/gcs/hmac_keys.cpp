// SPDX-License-Identifier: Apache-2.0
#include "source/gcs/hmac_keys.h"

#include "sdk/ini.h"
#include "source/gcs/token_answer.h"

namespace upkeep::plugins::gcs {

using sdk::Errc;
using sdk::fail;
using sdk::Result;
using shared::object_store::Keys;

namespace {

constexpr std::size_t kMostHmacBytes = 16 * 1024;

Result<Keys> checked(Keys keys, const std::string& id_name, const std::string& secret_name) {
  if (const auto wrong = token_problem(keys.id); !wrong.empty()) return fail(Errc::invalid, id_name + " " + wrong);
  if (const auto wrong = token_problem(keys.secret); !wrong.empty()) return fail(Errc::invalid, secret_name + " " + wrong);
  return keys;
}

}  // namespace

Result<Keys> parse_hmac_file(std::string_view text) {
  Keys keys;
  for (const auto& section : sdk::parse_ini(text)) {
    keys.id = section.text("gs_access_key_id", keys.id);
    keys.secret = section.text("gs_secret_access_key", keys.secret);
  }
  return checked(std::move(keys), "gs_access_key_id", "gs_secret_access_key");
}

sdk::Task<Result<Keys>> HmacKeys::keys(sdk::BootTime /*deadline*/) {
  if (path_.empty()) {
    Keys keys;
    keys.id = host_.environment("GS_ACCESS_KEY_ID").value_or("");
    keys.secret = host_.environment("GS_SECRET_ACCESS_KEY").value_or("");
    co_return checked(std::move(keys), "GS_ACCESS_KEY_ID", "GS_SECRET_ACCESS_KEY");
  }
  const auto text = host_.files().read(path_, kMostHmacBytes);
  if (!text) {
    const Errc code = text.error().code == Errc::unsupported ? Errc::invalid : text.error().code;
    co_return fail(code, "hmac_file: " + text.error().message);
  }
  auto keys = parse_hmac_file(*text);
  if (!keys) co_return fail("hmac_file " + path_, keys.error());
  co_return keys;
}

}  // namespace upkeep::plugins::gcs
