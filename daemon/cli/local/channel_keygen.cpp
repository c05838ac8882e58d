// SPDX-License-Identifier: Apache-2.0
// channel keygen: a key pair in minisign's files, NAME.key and NAME.pub.
#include <filesystem>
#include <iostream>

#include "cli/local/channel_commands.h"
#include "cli/local/secret_key.h"
#include "io/core_dumps.h"
#include "io/durable.h"

namespace upkeep::cli {
namespace {

sdk::Result<core::MinisignKey> make_pair(Offline& offline, const std::string& name, bool locked, const std::string& password_file) {
  for (const char* end : {".key", ".pub"})
    if (offline.host().files().exists(name + end)) return sdk::fail(sdk::Errc::invalid, name + end + " exists; a key is never overwritten");
  if (const auto safe = io::forbid_core_dumps(); !safe) return sdk::fail(safe.error());
  core::SecretBytes password;
  if (locked) {
    auto asked = new_password(offline, password_file);
    if (!asked) return sdk::fail(asked.error());
    password = std::move(*asked);
  }
  const auto secret = core::make_minisign_secret(random_secret(offline, core::kRandomForKey));
  const auto file = core::write_minisign_secret(secret, password, random_secret(offline, core::kRandomForPassword));
  if (!file) return sdk::fail(file.error());
  const std::string_view bytes(reinterpret_cast<const char*>(file->data()), file->size());  // NOLINT
  // Made, not overwritten: somebody else may have been faster since the look above.
  if (const auto written = io::create_durable(name + ".key", bytes, 0600); !written) return sdk::fail(written.error());
  const std::string shown =
      "untrusted comment: minisign public key " + secret.public_key.id + "\n" + core::to_text(secret.public_key) + "\n";
  if (const auto written = io::create_durable(name + ".pub", shown, 0644); !written) {
    (void)io::remove_durable(name + ".key");  // ours, and nobody has its other half
    return sdk::fail(written.error());
  }
  return secret.public_key;
}

}  // namespace

void make_key(const std::string& name, bool locked, const std::string& password_file, Context& context) {
  Offline offline(context);
  const std::string path = std::filesystem::absolute(name).lexically_normal();
  const auto key = make_pair(offline, path, locked, password_file);
  if (!key) return report(context, key.error());
  if (context.json)
    return context.print_json(
        {{"id", key->id}, {"public_key", core::to_text(*key)}, {"secret_key_file", path + ".key"}, {"public_key_file", path + ".pub"}});
  std::cout << "Key " << key->id << "\n  secret  " << path << ".key" << (locked ? "" : ", without a password") << "\n  public  " << path
            << ".pub\n";
}

}  // namespace upkeep::cli
