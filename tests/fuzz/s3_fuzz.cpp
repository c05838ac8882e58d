// SPDX-License-Identifier: Apache-2.0
// "PAGE\n%%\nJSON\n%%\nFILE\n%%\nURL\n%%\nKEY": what S3 and STS answer in XML, what metadata services answer in JSON, a file of
// credentials, an address of the environment and a key. What is read can be sent and smuggles nothing; a request goes where it should, as
// libcurl reads its address; no error is more than a line, or repeats what it read.
#include <algorithm>

#include "fuzz/fuzz.h"
#include "io/http_address.h"
#include "sdk/text.h"
#include "shared/object_store/place.h"
#include "shared/object_store/refusal.h"
#include "shared/object_store/sigv4.h"
#include "source/s3/metadata_address.h"
#include "source/s3/session.h"
#include "source/s3/shared_files.h"

using namespace upkeep;
using namespace upkeep::plugins::s3;
using namespace upkeep::shared::object_store;

namespace {

void check_error(const sdk::Error& error) {
  FUZZ_CHECK(fuzz::one_printable_line(error.message) && error.message.size() < 200, error.message);
}

void check_keys(const Keys& keys) {
  FUZZ_CHECK(keys_problem(keys).empty(), keys.id);
  for (const std::string& text : {keys.id, keys.secret, keys.session_token})
    FUZZ_CHECK(std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; }), text);
}

void check_session(const sdk::Result<Session>& session) {
  if (!session) return check_error(session.error());
  check_keys(session->keys);
  FUZZ_CHECK(session->expires, session->keys.id);
}

void check_page(const std::string& page) {
  check_session(parse_sts(page));
  sdk::HttpResponse response;
  response.body = page;
  response.headers.emplace_back("x-amz-bucket-region", page.substr(0, page.find('\n')));
  for (const int status : {301, 400, 401, 403, 503}) {
    response.status = status;
    const auto refusal = read_refusal(response);
    FUZZ_CHECK(refusal.code.size() <= 64 && refusal.code.find_first_of(" <>&/:.\n") == std::string::npos, refusal.code);
    FUZZ_CHECK(refusal.region.empty() || region_problem(refusal.region).empty(), refusal.region);
    check_error(refusal_error(response, refusal, "PLACE", "these credentials", sdk::TimePoint()));
  }
}

void check_file(const std::string& text) {
  for (const char* name : {"default", "fleet"}) {
    for (const bool config : {false, true}) {
      const auto profile = find_profile(text, name, config);
      if (!profile) continue;
      const auto keys = keys_of(*profile);
      if (keys && *keys) check_keys(**keys);
      if (keys) continue;
      check_error(keys.error());
      const auto& said = keys.error().message;
      FUZZ_CHECK(said.starts_with("has one of ") || said.starts_with("the access key id ") || said.starts_with("the secret access key ") ||
                     said.starts_with("the session token "),
                 said);
    }
  }
}

// Plain text goes to this host, or where containers are given credentials, also as libcurl reads it.
void check_address(const sdk::Result<MetadataAddress>& address) {
  if (!address) return check_error(address.error());
  const auto parsed = io::parse_address(address->url);
  if (!parsed) return;  // libcurl asks nobody
  const auto host = sdk::lower(parsed->host);
  const bool here = host == "localhost" || host.starts_with("127.") || host == "::1";
  const bool near = host == "169.254.170.2" || host == "169.254.170.23" || host == "fd00:ec2::23";
  FUZZ_CHECK(parsed->scheme == "https" || here || near, address->url);
  sdk::HttpRequest request(address->url);
  request.plain = address->plain;
  FUZZ_CHECK(io::may_use(*parsed, request), address->url);
}

// Whatever the key is, it stays a part of the path.
void check_key(const std::string& key) {
  if (!prefix_problem(key).empty()) return;
  for (const Style style : {Style::path, Style::virtual_host}) {
    const Place place{"https://store.example.com:9000", "bucket", "r", style};
    const std::string url = object_url(place, key);
    const auto parsed = io::parse_address(url);
    FUZZ_CHECK(parsed && parsed->host == (style == Style::path ? "store.example.com" : "bucket.store.example.com"), url);
    FUZZ_CHECK(parsed->shown == url, url);  // no query, no fragment, and nothing that leads up
    const Keys keys{"id", "secret", ""};
    const auto signature = sign(sdk::HttpRequest(url), keys, "r", "s3", sdk::TimePoint());
    FUZZ_CHECK(signature && signature->hex.size() == 64, url);
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto parts = fuzz::parts_of(fuzz::text_of(data, size));
  parts.resize(5);
  check_page(parts[0]);
  check_session(parse_metadata(parts[1]));
  check_file(parts[2]);
  check_address(container_url(parts[3]));
  check_address(container_path(parts[3]));
  if (const auto base = instance_base(parts[3]); !base) check_error(base.error());
  check_key(parts[4]);
  return 0;
}
