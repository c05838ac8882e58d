// SPDX-License-Identifier: Apache-2.0
// What an idle Upkeep is measured against: a program that links the libraries that upkeepd links, opens the system bus, makes one
// HTTPS request and then waits for ever. `bare-idle URL CA_FILE [TOKEN_FILE]`; it says "idle" on standard output once it waits. With a
// token, which it shows to the server, it is what a pod has: no bus.

#include <curl/curl.h>
#include <microhttpd.h>
#include <openssl/crypto.h>
#include <prometheus/registry.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

namespace {

std::size_t drop(char* /*data*/, std::size_t size, std::size_t count, void* /*unused*/) { return size * count; }

CURLcode request(const char* url, const char* ca_file, const char* token_file) {
  CURL* easy = curl_easy_init();
  curl_slist* headers = nullptr;
  if (token_file != nullptr) {
    std::string token;
    std::getline(std::ifstream(token_file), token);
    headers = curl_slist_append(nullptr, ("Authorization: Bearer " + token).c_str());
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  }
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
  curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &drop);
  const CURLcode code = curl_easy_perform(easy);
  curl_easy_cleanup(easy);
  curl_slist_free_all(headers);
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) return 2;
  const char* const token_file = argc == 4 ? argv[3] : nullptr;
  spdlog::logger log("bare", std::make_shared<spdlog::sinks::stderr_sink_st>());
  const prometheus::Registry metrics;
  log.info("libmicrohttpd {}, {}, {} metrics", MHD_get_version(), OpenSSL_version(OPENSSL_VERSION), metrics.Collect().size());

  sd_bus* bus = nullptr;
  const char* name = nullptr;
  if (token_file == nullptr && (sd_bus_open_system(&bus) < 0 || sd_bus_get_unique_name(bus, &name) < 0)) {
    log.error("no system bus");
    return 1;
  }
  curl_global_init(CURL_GLOBAL_DEFAULT);
  if (const CURLcode code = request(argv[1], argv[2], token_file); code != CURLE_OK) {
    log.error("{}: {}", argv[1], curl_easy_strerror(code));
    return 1;
  }
  std::puts("idle");
  std::fflush(stdout);
  while (true) pause();
}
