// SPDX-License-Identifier: Apache-2.0
#pragma once
// The files of a channel in the order in which they are written, so that whoever reads in the middle of it sees the old release or the
// new one, or two files that do not fit, which every host reads again before it believes them.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/minisign.h"
#include "core/release_document.h"

namespace upkeep::core {

inline constexpr std::string_view kDocumentFile = "release.json";
inline constexpr std::string_view kSignatureEnd = ".minisig";

struct ChannelFile {
  std::string name, bytes;
  bool operator==(const ChannelFile&) const = default;
};

// `version` and `critical`. What is critical is not to be believed of the wrong version: "no" is written before the version, "yes" after
// it.
[[nodiscard]] std::vector<ChannelFile> plain_files(const sdk::Release& release);

// By key id, the texts of the signatures there are of one document. That of the first of `keys` that has signed is release.json.minisig,
// each other one is release.json.ID.minisig: who signed when does not matter.
using Signatures = std::map<std::string, std::string>;
[[nodiscard]] std::vector<ChannelFile> signature_files(const std::vector<MinisignKey>& keys, const Signatures& signatures);

// A signed channel: signatures, then the document, whose change is what hosts look for; then the plain files for older clients.
[[nodiscard]] std::vector<ChannelFile> signed_files(const Document& document, const std::string& bytes,
                                                    const std::vector<MinisignKey>& keys, const Signatures& signatures);

// Whether a name is one of a channel's signatures.
[[nodiscard]] bool is_signature_file(std::string_view name);

// The trusted comment of a signature: "channel stable, serial 12, version 14.3.33".
[[nodiscard]] std::string trusted_comment_of(const Document& document);

}  // namespace upkeep::core
