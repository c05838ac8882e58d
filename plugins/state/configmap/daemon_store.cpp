// SPDX-License-Identifier: Apache-2.0
#include "state/configmap/daemon_store.h"

#include <utility>

#include "sdk/text.h"
#include "shared/kube/json.h"

namespace upkeep::plugins::configmap {

using sdk::Errc;
using sdk::Result;
using sdk::Task;

namespace {

constexpr std::size_t kLongestAgent = 63;

bool is_same_daemon(const std::string& was, const std::string& is) { return was == is; }

// As an agent's file may be called.
bool is_agent(const std::string& name) {
  return !name.empty() && name.size() <= kLongestAgent &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") == std::string::npos && name.find_first_of("._-") != 0;
}

sdk::Error no_journal() { return {Errc::internal, "the daemon has no journal of its own"}; }

}  // namespace

DaemonStore::DaemonStore(sdk::Host& host, std::unique_ptr<kube::Api> api, Place place, kube::Terms terms)
    : host_(host), api_(std::move(api)), place_(std::move(place)), terms_(terms), lease_(host, *api_, place_.lease(), terms) {}

Task<Result<sdk::Claim>> DaemonStore::claim() {
  auto work = had_ ? lease_.renew(place_.identity) : lease_.acquire(place_.identity, &is_same_daemon);
  auto now = co_await std::move(work);
  if (!now) co_return sdk::fail(now.error());
  had_ = had_ || now->ours;
  sdk::Claim out;
  out.ours = now->ours;
  out.holder = now->holder.empty() ? "nobody" : sdk::quoted(now->holder, 120);
  if (!now->ours) out.holder += " (" + place_.lease().shown() + (now->since.empty() ? "" : ", since " + sdk::quoted(now->since)) + ")";
  out.again = terms_.retry;
  if (now->ours) out.lapses = now->until;
  co_return Result<sdk::Claim>(std::move(out));
}

Task<Result<void>> DaemonStore::release() {
  if (!had_) co_return Result<void>();
  co_return co_await lease_.release(place_.identity, &is_same_daemon);
}

Task<Result<std::vector<std::string>>> DaemonStore::agents() {
  auto index = co_await api_->get(place_.index());
  std::vector<std::string> out;
  if (!index && !index.error().is(404)) co_return sdk::fail(as_trouble(index.error()));
  if (const auto* data = index ? kube::at(*index, "/data") : nullptr; data != nullptr && data->is_object()) {
    for (const auto& one : data->items()) {
      if (is_agent(one.key()))
        out.push_back(one.key());
      else
        host_.log(sdk::LogLevel::warn, place_.index().shown() + ": the key " + sdk::quoted(one.key()) + " names no agent");
    }
  }
  co_return Result<std::vector<std::string>>(std::move(out));
}

Task<Result<sdk::JournalBytes>> DaemonStore::load() { co_return sdk::fail(no_journal()); }
Task<sdk::Append> DaemonStore::append(std::uint64_t /*sequence*/, std::string /*line*/) { co_return sdk::Append::unknown; }
Task<Result<void>> DaemonStore::truncate(std::size_t /*size*/) { co_return sdk::fail(no_journal()); }
Task<Result<void>> DaemonStore::compact(std::string /*bytes*/) { co_return sdk::fail(no_journal()); }
Task<Result<std::string>> DaemonStore::set_aside() { co_return sdk::fail(no_journal()); }

}  // namespace upkeep::plugins::configmap
