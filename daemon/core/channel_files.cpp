// SPDX-License-Identifier: Apache-2.0
#include "core/channel_files.h"

namespace upkeep::core {

std::vector<ChannelFile> plain_files(const sdk::Release& release) {
  ChannelFile version{"version", (release.version ? release.version->str() : "none") + "\n"};
  ChannelFile critical{"critical", release.critical ? "yes\n" : "no\n"};
  if (release.critical) return {std::move(version), std::move(critical)};
  return {std::move(critical), std::move(version)};
}

std::vector<ChannelFile> signature_files(const std::vector<MinisignKey>& keys, const Signatures& signatures) {
  std::vector<ChannelFile> out;
  for (const MinisignKey& key : keys) {
    const auto signature = signatures.find(key.id);
    if (signature == signatures.end()) continue;
    const std::string own = out.empty() ? "" : "." + key.id;
    out.push_back({std::string(kDocumentFile) + own + std::string(kSignatureEnd), signature->second});
  }
  return out;
}

std::vector<ChannelFile> signed_files(const Document& document, const std::string& bytes, const std::vector<MinisignKey>& keys,
                                      const Signatures& signatures) {
  auto out = signature_files(keys, signatures);
  out.push_back({std::string(kDocumentFile), bytes});
  for (auto& file : plain_files(document.release)) out.push_back(std::move(file));
  return out;
}

bool is_signature_file(std::string_view name) { return name.starts_with(kDocumentFile) && name.ends_with(kSignatureEnd); }

std::string trusted_comment_of(const Document& document) {
  return "channel " + document.channel + ", serial " + std::to_string(document.release.serial.value_or(0)) + ", version " +
         (document.release.version ? document.release.version->str() : "none");
}

}  // namespace upkeep::core
