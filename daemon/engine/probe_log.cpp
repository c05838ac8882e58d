// SPDX-License-Identifier: Apache-2.0
// No line of the unit at priority err or worse may match a pattern: during a soak none that came after the restart, whichever
// process wrote it but the one from before; outside of a soak none of the process that runs now.
#include <deque>

#include "core/log_pattern.h"
#include "engine/probe.h"
#include "sdk/text.h"
#include "sdk/unit_status.h"

namespace upkeep::engine {
namespace {

using nlohmann::json;
using sdk::Task;

// Of one look, for others wait meanwhile: what is more is read by the next. A pattern may cost a line many milliseconds.
constexpr sdk::Millis kBusy = std::chrono::milliseconds(200);
constexpr std::size_t kShown = 300;  // characters of the line in the detail

class LogProbe : public Probe {
 public:
  LogProbe(sdk::Host& host, core::ProbeSettings settings)
      : host_(host), settings_(std::move(settings)), pattern_(core::LogPattern::parse(settings_.pattern)) {}

  [[nodiscard]] bool quick() const override { return true; }

  Task<void> before_restart(json& out) override {
    const auto end = host_.unit_log().end();
    if (!end) co_return;  // nor can it be read afterwards
    const auto status = co_await sdk::unit_status(host_, settings_.unit);
    out[key()] = json::object({{"end", *end}, {"invocation", status ? status->invocation : std::string()}});
  }

  void begin_soak(const json& before, bool /*other_boot*/) override {
    soaking_ = true;
    found_.clear();
    unread_.clear();
    const auto from = before.find(key());
    known_ = from != before.end();
    after_ = known_ ? from->value("end", std::string()) : std::string();
    invocation_ = known_ ? from->value("invocation", std::string()) : std::string();
  }
  void end_soak() override {
    soaking_ = false;
    found_.clear();
    unread_.clear();
    after_.clear();
    invocation_.clear();
  }

  Task<Reading> look() override {
    Reading reading;
    if (!pattern_) {
      reading.detail = pattern_.error().message;
      co_return reading;
    }
    if (!soaking_) {
      const auto status = co_await sdk::unit_status(host_, settings_.unit);
      if (!status) {
        reading.detail = status.error().message;
        co_return reading;
      }
      if (status->invocation != invocation_) {
        found_.clear();
        after_.clear();
        unread_.clear();
      }
      invocation_ = status->invocation;
      if (invocation_.empty()) {
        reading.detail = "the unit has not run yet";
        co_return reading;
      }
    }
    read(reading);
    co_return reading;
  }

 private:
  [[nodiscard]] std::string key() const { return settings_.use + " " + settings_.unit; }

  void read(Reading& reading) {
    const auto enough = host_.clock().boot_now() + kBusy;
    bool more = true;
    while (found_.empty() && host_.clock().boot_now() < enough) {
      if (!unread_.empty()) {
        const auto line = std::move(unread_.front());
        unread_.pop_front();
        const bool of_before = soaking_ && !invocation_.empty() && line.invocation == invocation_;
        if (!of_before && pattern_->matches(line.message)) found_ = line.message;
        continue;
      }
      if (!more) break;
      sdk::UnitErrors wanted(settings_.unit);
      wanted.after = after_;
      if (!soaking_) wanted.invocation = invocation_;
      auto read = host_.unit_log().errors(wanted);
      if (!read) {
        reading.detail = read.error().message;
        reading.final = read.error().code == sdk::Errc::denied || read.error().code == sdk::Errc::unsupported;
        if (read.error().code == sdk::Errc::denied)
          reading.detail += "; `sudo upkeep enable " + host_.agent() + "` puts the daemon into the group systemd-journal";
        return;
      }
      after_ = read->end;
      more = read->more;
      unread_.assign(read->lines.begin(), read->lines.end());
    }
    if (soaking_ && !known_) {
      reading.detail = "its lines cannot be told from those before the restart: the journal could not be read then";
    } else if (!found_.empty()) {
      reading.state = ProbeState::failing;
      reading.final = true;  // a line does not go away
      reading.detail = "it logged " + sdk::quoted(found_, kShown);
      reading.output = {found_};
    } else if (more || !unread_.empty()) {
      reading.detail = "its log is still being read";
    } else {
      reading.state = ProbeState::ok;
      reading.detail = "no such line";
    }
  }

  sdk::Host& host_;
  core::ProbeSettings settings_;
  sdk::Result<core::LogPattern> pattern_;
  bool soaking_ = false;
  bool known_ = false;      // where the log ended before the restart
  std::string after_;       // read up to there
  std::string invocation_;  // in a soak the one from before, which does not count; else the only one that does
  std::deque<sdk::UnitLine> unread_;
  std::string found_;  // the first such line
};

}  // namespace

std::shared_ptr<Probe> make_log_probe(sdk::Host& host, const core::ProbeSettings& settings) {
  return std::make_shared<LogProbe>(host, settings);
}

}  // namespace upkeep::engine
