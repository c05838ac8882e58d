// SPDX-License-Identifier: Apache-2.0
// What a web server on this host answers: over no proxy, without redirects, with a bounded body.
#include "core/http_answer.h"
#include "engine/probe.h"

namespace upkeep::engine {
namespace {

using sdk::Errc;
using sdk::Task;

constexpr std::size_t kMostBody = 256 * 1024;

class HttpProbe : public Probe {
 public:
  HttpProbe(sdk::Host& host, core::ProbeSettings settings) : host_(host), settings_(std::move(settings)) {}

  Task<Reading> look() override {
    sdk::HttpRequest request(settings_.url);
    request.ca_file = settings_.ca_file;
    request.unix_socket = settings_.unix_socket;
    request.connect_to = settings_.address;
    request.this_host = true;
    request.plain = sdk::PlainHttp::loopback;
    request.max_body = kMostBody;
    request.timeout = settings_.timeout;
    const auto answer = co_await host_.http().fetch(std::move(request));
    Reading reading;
    if (!answer) {
      const auto code = answer.error().code;
      reading.final = code == Errc::unsupported;  // outside of this host: that says nothing about the agent on it
      const bool unknown = reading.final || code == Errc::cancelled || code == Errc::internal;
      reading.state = unknown ? ProbeState::unknown : ProbeState::failing;
      reading.detail = answer.error().message;
      co_return reading;
    }
    const auto wrong = core::judge_answer(settings_, answer->status, answer->body);
    reading.state = wrong.empty() ? ProbeState::ok : ProbeState::failing;
    reading.detail = wrong.empty() ? core::show_status(answer->status) : wrong;
    if (!wrong.empty()) reading.output = end_of_output(std::string_view(answer->body).substr(0, 1500));
    co_return reading;
  }

 private:
  sdk::Host& host_;
  core::ProbeSettings settings_;
};

}  // namespace

std::shared_ptr<Probe> make_http_probe(sdk::Host& host, const core::ProbeSettings& settings) {
  return std::make_shared<HttpProbe>(host, settings);
}

}  // namespace upkeep::engine
