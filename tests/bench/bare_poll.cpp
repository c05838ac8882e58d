// SPDX-License-Identifier: Apache-2.0
// What a poll of Upkeep is measured against: two conditional GETs with one libcurl handle, once a second, for ever.
// `bare-poll CHANNEL_URL CA_FILE [REGION]`. The handle is as good as it can be: it keeps its connection, its TLS session and the parsed CA
// file. With a region libcurl signs each request for S3, with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the environment.

#include <curl/curl.h>
#include <strings.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

struct File {
  std::string url, etag;
};

std::size_t drop(char* /*data*/, std::size_t size, std::size_t count, void* /*unused*/) { return size * count; }

std::size_t keep_etag(char* data, std::size_t size, std::size_t count, void* file) {
  const std::string line(data, size * count);
  if (strncasecmp(line.c_str(), "etag: ", 6) == 0) static_cast<File*>(file)->etag = line.substr(6, line.find_last_not_of("\r\n") - 5);
  return size * count;
}

bool get(CURL* easy, File& file, bool is_signed) {
  const bool known = !file.etag.empty();
  curl_slist* headers = known ? curl_slist_append(nullptr, ("If-None-Match: " + file.etag).c_str()) : nullptr;
  if (is_signed) headers = curl_slist_append(headers, "x-amz-content-sha256: UNSIGNED-PAYLOAD");  // libcurl 7.88 does not add it
  curl_easy_setopt(easy, CURLOPT_URL, file.url.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &file);
  const CURLcode code = curl_easy_perform(easy);
  curl_slist_free_all(headers);
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  if (code == CURLE_OK && status == (known ? 304 : 200)) return true;
  std::fprintf(stderr, "%s: %s, status %ld\n", file.url.c_str(), curl_easy_strerror(code), status);
  return false;
}

void sign_for(CURL* easy, const std::string& region) {
  const char *id = std::getenv("AWS_ACCESS_KEY_ID"), *secret = std::getenv("AWS_SECRET_ACCESS_KEY");
  if (!id || !secret) std::exit(2);
  curl_easy_setopt(easy, CURLOPT_AWS_SIGV4, ("aws:amz:" + region + ":s3").c_str());
  curl_easy_setopt(easy, CURLOPT_USERNAME, id);
  curl_easy_setopt(easy, CURLOPT_PASSWORD, secret);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) return 2;
  const bool is_signed = argc == 4;
  const std::string base = argv[1];
  File version{base + "/version", ""}, critical{base + "/critical", ""};
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURL* easy = curl_easy_init();
  curl_easy_setopt(easy, CURLOPT_CAINFO, argv[2]);
  curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);  // otherwise libcurl parses the CA file anew for each connection
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &drop);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &keep_etag);
  if (is_signed) sign_for(easy, argv[3]);
  timespec next{};
  clock_gettime(CLOCK_MONOTONIC, &next);
  while (get(easy, version, is_signed) && get(easy, critical, is_signed)) {
    ++next.tv_sec;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, nullptr);
  }
  return 1;
}
