// SPDX-License-Identifier: Apache-2.0
#pragma once
// What Upkeep uses of libcurl that is newer than 7.76, the libcurl of RHEL 9, and what stands for it there. What an old libcurl cannot
// do fails closed: never less checked, only slower or refused.

#include <curl/curl.h>

#include <string>

#ifndef CURL_WRITEFUNC_ERROR
#define CURL_WRITEFUNC_ERROR 0xFFFFFFFF  // 7.87; before, any number but that of the bytes means it
#endif

namespace upkeep::io {

// What trust_bytes() is called in messages.
#if LIBCURL_VERSION_NUM >= 0x074d00
inline constexpr const char* kBytesGiven = "the bytes given";
#else
inline constexpr const char* kBytesGiven = "the bytes given, which takes libcurl 7.77";
#endif

// Talks `scheme`, http or https, and follows nothing but https.
inline void allow_scheme(CURL* easy, const std::string& scheme) {
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, scheme.c_str());
  curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "https");
#else
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS, static_cast<long>(scheme == "http" ? CURLPROTO_HTTP : CURLPROTO_HTTPS));
  curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS, static_cast<long>(CURLPROTO_HTTPS));
#endif
}

// How long parsed authorities are kept. An old libcurl parses them for each connection.
inline void keep_authorities(CURL* easy, long seconds) {
#if LIBCURL_VERSION_NUM >= 0x075700
  curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, seconds);
#else
  (void)easy, (void)seconds;
#endif
}

inline void set_bytes(CURL* easy, CURLoption option, const std::string& bytes) {
  std::string copy = bytes;
  curl_blob blob{copy.data(), copy.size(), CURL_BLOB_COPY};
  curl_easy_setopt(easy, option, &blob);
}

// Trusts the authorities in `pem` and no others; an old libcurl cannot, and trusts nobody then.
inline void trust_bytes(CURL* easy, const std::string& pem) {
#if LIBCURL_VERSION_NUM >= 0x074d00
  set_bytes(easy, CURLOPT_CAINFO_BLOB, pem);
#else
  (void)pem;
  curl_easy_setopt(easy, CURLOPT_CAINFO, "/dev/null");
#endif
  curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
}

inline std::string url_error(CURLUcode code) {
#if LIBCURL_VERSION_NUM >= 0x075000
  return curl_url_strerror(code);
#else
  return "libcurl's error " + std::to_string(code);
#endif
}

}  // namespace upkeep::io
