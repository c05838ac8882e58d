// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads one channel for all agents whose [source] and [trust] tables are equal: sources in the order of failover, with jitter, back-off
// and each server's own Retry-After, which only a person's check does not wait for. What an answer means is each agent's
// business; one that any of them refuses to trust is read whole once more, and then counts as the source's failure. A failed poll
// changes nothing.

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "engine/histogram.h"
#include "engine/wake.h"
#include "sdk/host.h"
#include "sdk/source.h"

namespace upkeep::engine {

class MeteredHost;

class Poller {
 public:
  struct Answer {
    sdk::Offer offer;
    bool fallback = false;  // not from the first source
    sdk::TimePoint at;      // of this read
    std::uint64_t number = 0;
  };
  struct Failure {
    sdk::Error error;
    sdk::TimePoint at;
    bool not_trusted = false;  // it was read, and refused
  };
  // An agent that follows the channel.
  struct Listener {
    std::function<void()> polled;  // after each poll, good or bad
    // Whether it trusts an offer; not set: any. And the keys whose signatures it needs beside those of [trust]; not set: none.
    std::function<sdk::Result<void>(const sdk::Offer&)> judge;
    std::function<std::vector<std::string>()> more_keys;
  };

  // `wanted`: which files, by [trust]. `times`: takes how long each poll lasted; outlives the poller.
  Poller(std::unique_ptr<MeteredHost> host, std::vector<std::unique_ptr<sdk::Source>> sources, sdk::Wanted wanted, sdk::Millis interval,
         Histogram& times);

  // Polls until stop(). `self` keeps the poller alive as long as its coroutine.
  static sdk::Task<void> run(std::shared_ptr<Poller> self);
  void stop();

  // One read now; callers at the same time share it. The error is the first source's.
  sdk::Task<sdk::Result<void>> poll_now();
  // The same, but a source that asked to wait is left alone: its error is what it said.
  sdk::Task<sdk::Result<void>> poll_if_welcome();
  // A stored offer: its cursor may be sent. Ignored once something was read.
  void seed(const sdk::Offer& offer);
  // Somebody needs a second read: between 30 and 60 s from now.
  void confirm_soon();

  // The returned token ends it.
  [[nodiscard]] std::shared_ptr<void> listen(Listener listener);

  [[nodiscard]] const std::optional<Answer>& latest() const { return latest_; }
  [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }  // of the last poll; reset by a good one
  // Of the last poll: why a source that comes before the one that answered is not trusted. Empty: that is not so.
  [[nodiscard]] const std::string& refused() const { return refused_; }
  // Bytes that the last poll read.
  [[nodiscard]] std::uint64_t last_bytes() const { return last_bytes_; }
  [[nodiscard]] std::string origin() const;
  // Whether one of its sources reads there: a stored release of another channel is not in force.
  [[nodiscard]] bool reads(const std::string& origin) const;

 private:
  struct Place {
    std::unique_ptr<sdk::Source> source;
    std::optional<sdk::Offer> last;        // what its cursor describes
    std::optional<sdk::Error> asked_wait;  // its last answer, when that named a time to come back
    sdk::BootTime wait_until{};            // that time
  };
  enum class Ask { everybody, who_may_be_asked };
  sdk::Task<sdk::Result<void>> poll(Ask ask);
  sdk::Task<sdk::Result<void>> read_sources(Ask ask);
  // What the place says, twice if nobody trusts it at first: its files are not published at once. `not_trusted`: nor the second time.
  sdk::Task<sdk::Result<sdk::Offer>> read_place(Place& place, bool& not_trusted);
  [[nodiscard]] sdk::Wanted wanted() const;
  // The first listener's error that refuses it: what one of them remembers protects those that remember less.
  [[nodiscard]] sdk::Result<void> judge(const sdk::Offer& offer) const;
  // Since when some place may be asked without a person's word.
  [[nodiscard]] sdk::BootTime may_ask_since() const;

  std::unique_ptr<MeteredHost> host_;
  std::vector<Place> places_;
  sdk::Wanted wanted_;
  sdk::Millis interval_;
  Histogram& times_;
  std::uint64_t last_bytes_ = 0;
  std::optional<Answer> latest_;
  std::optional<Failure> failure_;
  std::string refused_;
  std::optional<sdk::BootTime> confirm_at_;
  std::list<Listener> listeners_;
  int failures_ = 0;
  bool polling_ = false, stopping_ = false;
  sdk::Result<void> result_;
  Wake polled_, wake_;
};

}  // namespace upkeep::engine
