// SPDX-License-Identifier: Apache-2.0
// "URL\n%%\nRetry-After\n%%\nRedirect\n%%\nchannel": addresses, the answers of servers, a channel's place and its cursor.
#include "fuzz/fuzz.h"
#include "io/http_address.h"
#include "shared/channel/cursor.h"
#include "shared/channel/location.h"

using namespace upkeep;

namespace {

void check_address(const std::string& url) {
  const auto address = io::parse_address(url);
  if (!address) return;
  FUZZ_CHECK(!address->host.empty() && address->url == url, url);
  FUZZ_CHECK(address->shown.find('?') == std::string::npos && address->shown.find('#') == std::string::npos, address->shown);
  const auto authority = address->shown.substr(0, address->shown.find('/', address->shown.find("//") + 2));
  FUZZ_CHECK(authority.find('@') == std::string::npos, address->shown);
  FUZZ_CHECK(address->same_origin(*address), url);
  sdk::HttpRequest request(url);
  FUZZ_CHECK(!io::may_use(*address, request) || address->scheme == "https", url);
  for (const auto plain : {sdk::PlainHttp::loopback, sdk::PlainHttp::link_local}) {
    request.plain = plain;
    if (io::may_use(*address, request)) FUZZ_CHECK(address->scheme == "https" || address->scheme == "http", url);
  }
  // What a person is shown leads to the same place.
  const auto shown = io::parse_address(address->shown);
  FUZZ_CHECK(shown && shown->same_origin(*address), address->shown);
}

void check_answer(const std::string& retry_after) {
  for (const int status : {304, 404, 429, 503}) {
    sdk::HttpResponse response;
    response.status = status;
    response.headers.emplace_back("retry-after", retry_after);
    const auto error = sdk::http_error(response, "the version", sdk::TimePoint(std::chrono::seconds(1'800'000'000)));
    FUZZ_CHECK(!error.retry_after || (error.retry_after->count() >= 0 && *error.retry_after <= std::chrono::hours(1)), retry_after);
    FUZZ_CHECK(fuzz::one_printable_line(error.message), error.message);
  }
}

void check_channel(const std::string& base, const std::string& channel) {
  if (!shared::channel::channel_problem(channel).empty() || !shared::channel::https_url_problem(base).empty()) return;
  const auto joined = shared::channel::join(base, channel);
  const auto address = io::parse_address(joined), of_base = io::parse_address(base);
  // What is no address for curl (an odd IPv6 one) is an error when it is asked for.
  FUZZ_CHECK(address.has_value() == of_base.has_value(), joined);
  FUZZ_CHECK(!address || (address->scheme == "https" && of_base->same_origin(*address)), joined);
  FUZZ_CHECK(joined.ends_with(channel) && joined.find("/../") == std::string::npos, joined);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto parts = fuzz::parts_of(fuzz::text_of(data, size));
  parts.resize(4);
  check_address(parts[0]);
  check_address(parts[2]);
  check_answer(parts[1]);
  check_channel(parts[0], parts[3]);

  const shared::channel::Cursor cursor{parts[1], parts[3]};
  const auto written = shared::channel::encode(cursor);
  FUZZ_CHECK(written.size() <= 1024, written);
  const auto read = shared::channel::decode_cursor(written);
  FUZZ_CHECK(read.version == cursor.version || read.version.empty(), written);
  FUZZ_CHECK(read.critical == cursor.critical || read.critical.empty(), written);
  (void)shared::channel::decode_cursor(parts[0]);
  return 0;
}
