// SPDX-License-Identifier: Apache-2.0
#include "engine/probes.h"

#include <algorithm>

#include "engine/wake.h"

namespace upkeep::engine {
namespace {

using nlohmann::json;
using sdk::Task;

constexpr int kFalls = 3;  // from good to bad, in one soak
constexpr sdk::Millis kIdlePause = std::chrono::minutes(1);

}  // namespace

Probes::Probes(const asio::any_io_executor& executor, sdk::Host& host, const std::shared_ptr<sdk::Installer>& installer,
               const std::vector<core::ProbeSettings>& settings, bool strict_baseline)
    : executor_(executor), host_(host), settings_(settings), strict_(strict_baseline) {
  std::map<std::string, int> known;
  for (const auto& one : settings_) {
    const auto name = one.name();
    const int count = ++known[name];  // names tell the baseline's probes apart
    probes_.push_back(make_probe(host, installer, one));
    status_.push_back({name + (count > 1 ? " (" + std::to_string(count) + ")" : ""), ProbeState::unknown, std::nullopt, "", false});
  }
  tracks_.resize(settings_.size());
  running_.resize(settings_.size());
}

void Probes::on_news(std::weak_ptr<void> owner, std::function<void()> news) {
  owner_ = std::move(owner);
  news_ = std::move(news);
}

Task<void> Probes::look_once(bool all) {
  if (all) stop();
  const auto ended = std::make_shared<Wake>();
  std::map<std::size_t, std::shared_ptr<Look>> beside;
  for (std::size_t i = 0; i < probes_.size(); ++i) {
    if (!all || probes_[i]->quick()) continue;
    beside[i] = std::make_shared<Look>();
    Background(executor_, look_beside(owner_.lock(), probes_[i], beside[i], [ended] { ended->notify(); }));
  }
  for (std::size_t i = 0; i < probes_.size(); ++i) {
    if (beside.contains(i) || !(all || signalled(i))) continue;
    const auto before = soaks_;
    const auto reading = co_await probes_[i]->look();
    if (soaks_ == before) take(i, reading);
  }
  for (const auto& [i, look] : beside) {
    while (!look->done) co_await ended->wait();
    take(i, *look);
  }
}

Task<json> Probes::before_restart() {
  json out = json::object();
  for (const auto& probe : probes_) co_await probe->before_restart(out);
  co_return out;
}

json Probes::failing() const {
  json out = json::object();
  for (std::size_t i = 0; i < status_.size(); ++i) {
    const bool failing = !strict_ && probes_[i]->excusable() && status_[i].state == ProbeState::failing;
    if (failing || tracks_[i].mute) out[status_[i].name] = status_[i].detail;
  }
  return out;
}

std::string Probes::mute() const {
  for (std::size_t i = 0; i < tracks_.size(); ++i)
    if (tracks_[i].mute) return status_[i].name + ": " + status_[i].detail;
  return "";
}

void Probes::begin_soak(const json& baseline, const json& before, bool other_boot) {
  stop();
  soaking_ = true;
  ++soaks_;
  evidence_.clear();
  for (std::size_t i = 0; i < probes_.size(); ++i) {
    tracks_[i] = Track();
    tracks_[i].next = host_.clock().boot_now();
    status_[i].baseline = baseline.contains(status_[i].name);
    probes_[i]->begin_soak(before, other_boot);
  }
}

void Probes::end_soak() {
  stop();
  soaking_ = false;
  ++soaks_;
  for (std::size_t i = 0; i < probes_.size(); ++i) {
    probes_[i]->end_soak();
    status_[i].baseline = false;
    tracks_[i] = Track();
  }
}

Task<sdk::BootTime> Probes::look_due() {
  take_ended();
  for (std::size_t i = 0; i < probes_.size(); ++i) {
    if (running_[i] || tracks_[i].next > host_.clock().boot_now()) continue;
    if (!probes_[i]->quick()) {
      begin_look(i);
      continue;
    }
    const auto reading = co_await probes_[i]->look();
    take(i, reading);
  }
  sdk::BootTime next = sdk::BootTime::max();
  for (std::size_t i = 0; i < probes_.size(); ++i)
    if (!running_[i]) next = std::min(next, tracks_[i].next);
  co_return next;
}

std::vector<std::size_t> Probes::failed() const {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < tracks_.size(); ++i)
    if (tracks_[i].failed && !status_[i].baseline) out.push_back(i);
  return out;
}

std::vector<std::size_t> Probes::unproven() const {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < tracks_.size(); ++i)
    if (!status_[i].baseline && tracks_[i].good < settings_[i].successes) out.push_back(i);
  return out;
}

std::string Probes::failure() const {
  const auto all = failed();
  return all.empty() ? "" : status_[all.front()].name + ": " + status_[all.front()].detail;
}

bool Probes::condemns() const {
  const auto all = failed().empty() ? unproven() : failed();
  return std::any_of(all.begin(), all.end(), [this](std::size_t i) { return !tracks_[i].excused; });
}

bool Probes::all_hold() const { return unproven().empty(); }

std::string Probes::missing() const {
  const auto all = unproven();
  if (all.empty()) return "";
  const auto& first = status_[all.front()];
  return first.name + (first.detail.empty() ? "" : ": " + first.detail);
}

std::string Probes::give_up(const std::string& why) {
  const auto first = missing();
  evidence_ = {why, first};
  return why + ": " + first;
}

std::string Probes::blame() {
  std::string out;
  evidence_.clear();
  for (std::size_t i = 0; i < status_.size(); ++i) {
    if (!signalled(i) || status_[i].state == ProbeState::ok) continue;
    evidence_.push_back(status_[i].name + ": " + status_[i].detail);
    out += (out.empty() ? "" : "; ") + evidence_.back();
  }
  return out;
}

sdk::BootTime Probes::look_idle() {
  take_ended();
  std::optional<std::size_t> oldest;
  for (std::size_t i = 0; i < probes_.size(); ++i) {
    if (signalled(i)) continue;
    if (running_[i]) return sdk::BootTime::max();  // its end is news
    if (!oldest || tracks_[i].looked < tracks_[*oldest].looked) oldest = i;
  }
  if (!oldest) return sdk::BootTime::max();
  const auto now = host_.clock().boot_now();
  const auto due = std::max(idle_looked_ ? *idle_looked_ + kIdlePause : now,
                            tracks_[*oldest].looked ? *tracks_[*oldest].looked + settings_[*oldest].interval : now);
  if (due > now) return due;
  idle_looked_ = tracks_[*oldest].looked = now;
  begin_look(*oldest);
  return sdk::BootTime::max();
}

void Probes::stop() {
  for (auto& one : running_) {
    if (one) one->background.cancel();
    one.reset();
  }
}

void Probes::forget() {
  stop();
  for (std::size_t i = 0; i < probes_.size(); ++i) {
    if (signalled(i)) continue;
    tracks_[i] = Track();
    status_[i].state = ProbeState::unknown;
    status_[i].since.reset();
    status_[i].detail.clear();
  }
}

void Probes::changed() {
  for (std::size_t i = 0; i < probes_.size(); ++i)
    if (signalled(i)) tracks_[i].next = host_.clock().boot_now();
}

sdk::Health Probes::health() const {
  bool known = false;
  for (std::size_t i = 0; i < status_.size(); ++i) {
    const bool bad = soaking_ || signalled(i) ? status_[i].state == ProbeState::failing : tracks_[i].unhealthy;
    if (bad && !status_[i].baseline) return sdk::Health::unhealthy;
    known = known || status_[i].state == ProbeState::ok;
  }
  return known ? sdk::Health::healthy : sdk::Health::unknown;
}

std::vector<std::string> Probes::units() const {
  std::vector<std::string> out;
  for (const auto& probe : probes_)
    if (auto unit = probe->unit(); !unit.empty() && std::find(out.begin(), out.end(), unit) == out.end()) out.push_back(std::move(unit));
  return out;
}

Task<void> Probes::look_beside(std::shared_ptr<void> /*owner*/, std::shared_ptr<Probe> probe, std::shared_ptr<Look> into,
                               std::function<void()> news) {
  try {
    into->reading = co_await probe->look();
  } catch (...) {
    into->bug = std::current_exception();
  }
  into->done = true;
  if (news) news();
}

void Probes::begin_look(std::size_t index) {
  auto look = std::make_shared<Look>();
  running_[index].emplace(Running{look, Background(executor_, look_beside(owner_.lock(), probes_[index], look, news_))});
}

void Probes::take_ended() {
  for (std::size_t i = 0; i < running_.size(); ++i) {
    if (!running_[i] || !running_[i]->look->done) continue;
    const auto look = running_[i]->look;
    running_[i].reset();
    take(i, *look);
  }
}

void Probes::take(std::size_t index, const Look& look) {
  if (look.bug) std::rethrow_exception(look.bug);
  take(index, look.reading);
}

void Probes::take(std::size_t index, const Reading& reading) {
  auto& one = status_[index];
  if (one.state != reading.state || !one.since) one.since = host_.clock().now();
  one.state = reading.state;
  one.detail = reading.detail;
  tracks_[index].looked = host_.clock().boot_now();
  tracks_[index].next = host_.clock().boot_now() + settings_[index].interval;
  count(index, reading);
}

void Probes::count(std::size_t index, const Reading& reading) {
  auto& track = tracks_[index];
  const auto& settings = settings_[index];
  track.mute = reading.state == ProbeState::unknown && reading.final;
  track.excused = reading.excused;
  if (reading.state == ProbeState::ok) {
    track.bad = 0;
    if (++track.good >= settings.successes) track.unhealthy = false;
  } else if (reading.state == ProbeState::failing) {
    if (track.good > 0) ++track.falls;
    track.good = 0;
    const bool flaps = soaking_ && track.falls >= kFalls;
    if (++track.bad < settings.failures && !reading.final && !flaps) return;
    track.unhealthy = true;
    if (!soaking_ || track.failed) return;
    track.failed = true;
    if (flaps) status_[index].detail = "went from good to bad " + std::to_string(track.falls) + " times: " + reading.detail;
    if (!status_[index].baseline && evidence_.empty()) {
      evidence_ = {status_[index].name + ": " + status_[index].detail};
      evidence_.insert(evidence_.end(), reading.output.begin(), reading.output.end());
    }
  }
}

}  // namespace upkeep::engine
