// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which certificate authorities are trusted, chosen so that libcurl keeps the parsed bundle: with a folder of certificates set,
// it would parse the whole system bundle for each fresh connection (18.7 ms of processor time against 0.8).

#include <string>

namespace upkeep::io {

// The system's bundle: SSL_CERT_FILE, else the first of the places where distributions keep it. Empty: none found, libcurl decides.
[[nodiscard]] std::string system_ca_file();

// For how many seconds a parsed bundle may be kept: never longer than the file on the disk is unchanged, at most a day.
[[nodiscard]] long ca_cache_seconds(const std::string& ca_file);

}  // namespace upkeep::io
