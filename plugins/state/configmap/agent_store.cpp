// SPDX-License-Identifier: Apache-2.0
#include "state/configmap/agent_store.h"

#include <algorithm>
#include <utility>

#include "sdk/text.h"
#include "sdk/utf8.h"
#include "shared/kube/json.h"
#include "state/configmap/journal_map.h"

namespace upkeep::plugins::configmap {

using sdk::Errc;
using sdk::Result;
using sdk::Task;

namespace {

constexpr std::size_t kLongestRead = std::size_t{512} * 1024;  // one that could not be compacted for a while is no damage
constexpr int kTries = 5;                                      // at a ConfigMap that others change in other places

}  // namespace

AgentStore::AgentStore(sdk::Host& host, std::unique_ptr<kube::Api> api, Place place)
    : host_(host),
      api_(std::move(api)),
      place_(std::move(place)),
      where_(place_.journal(host.agent())),
      lease_(host, *api_, place_.lease(), kube::Terms()),
      process_(place_.identity + "/" + sdk::rfc3339(host.clock().now()) + "-" + host.random().hex(8)) {}

std::string AgentStore::next_signature() { return process_ + "/" + std::to_string(++signatures_); }

// The ConfigMap, signed by us. The order is what makes it safe: read it, see that the Lease is ours, sign what was read.
Task<kube::Answer<AgentStore::Json>> AgentStore::sign() {
  for (int tries = 1;; ++tries) {
    auto read = co_await api_->get(where_);
    if (!read && !read.error().is(404)) co_return read;
    if (read && kube::text_at(*read, "/metadata/resourceVersion").empty())
      co_return tl::unexpected(kube::Failure{sdk::Error(Errc::transient, shown() + " has no resourceVersion"), 0, ""});
    if (read && !doubtful_ && signature_of(*read) == signature_) co_return read;
    auto claim = co_await lease_.look();
    if (!claim) co_return tl::unexpected(kube::Failure{claim.error(), 0, ""});
    if (claim->holder != place_.identity)
      co_return tl::unexpected(kube::Failure{
          sdk::Error(Errc::transient, place_.lease().shown() + " is held by " + sdk::quoted(claim->holder, 120) + ", not by this daemon"),
          0, ""});
    const auto signature = next_signature();
    Json object = read ? std::move(*read) : empty_map(where_);
    sign_map(object, signature);
    auto work = read ? api_->replace(where_, std::move(object)) : api_->create(where_, std::move(object));
    auto written = co_await std::move(work);
    if (written) {
      signature_ = signature;
      doubtful_ = false;
      co_return written;
    }
    const bool moved = written.error().is(409) || (read && written.error().is(404));
    if (!moved || tries == kTries) {
      if (!read && written.error().is(403))
        written.error().error.message += "; " + shown() + " does not exist: create it, or allow its creation";
      co_return written;
    }
  }
}

// Before the first entry the agent is among those that have a journal: an orphan would not be found otherwise.
Task<Result<void>> AgentStore::enlist() {
  if (enlisted_) co_return Result<void>();
  Json data = Json::object();
  data["data"][host_.agent()] = where_.name;
  auto listed = co_await api_->patch(place_.index(), kube::Patch::merge, data);
  if (!listed && listed.error().is(404)) {
    Json index = empty_map(place_.index());
    index["data"] = data["data"];
    listed = co_await api_->create(place_.index(), std::move(index));
    if (!listed && listed.error().is(409)) listed = co_await api_->patch(place_.index(), kube::Patch::merge, data);
  }
  if (!listed) co_return sdk::fail("among the journals", as_trouble(listed.error()));
  enlisted_ = true;
  co_return Result<void>();
}

Task<Result<sdk::JournalBytes>> AgentStore::load() {
  object_.reset();
  auto read = co_await sign();
  if (!read) co_return sdk::fail("journal", as_trouble(read.error()));
  auto bytes = journal_of(*read, kLongestRead);
  object_ = std::move(*read);
  if (!bytes) co_return sdk::fail(shown(), bytes.error());
  if (bytes->empty())
    if (auto listed = co_await enlist(); !listed) co_return sdk::fail(listed.error());
  sdk::JournalBytes out;
  out.bytes = std::move(*bytes);
  co_return Result<sdk::JournalBytes>(std::move(out));
}

// What was read or written last, changed. Where others have changed something else of it meanwhile, that is kept.
Task<AgentStore::Written> AgentStore::write(Change change) {
  why_ = "it was not read yet";
  for (int tries = 1; object_; ++tries) {
    Json next = *object_;
    change(next);
    auto written = co_await api_->replace(where_, next);
    if (written && same_journal(*written, next)) {
      object_ = std::move(*written);
      co_return Written::done;
    }
    why_ = written ? "the API server stored something else" : written.error().error.message;
    if (written || written.error().unknown()) {
      doubtful_ = true;
      object_.reset();
      co_return Written::unknown;
    }
    const bool moved = written.error().is(409) || written.error().is(404);
    if (!moved || tries == kTries) co_return Written::refused;
    auto there = co_await api_->get(where_);
    if (!there) {
      doubtful_ = true;
      object_.reset();
      const bool gone = there.error().is(404);
      co_return gone ? Written::lost : Written::unknown;
    }
    const bool ours = signature_of(*there) == signature_;
    const bool landed = ours && same_journal(*there, next);  // something on the way has sent it twice
    const bool lost = !landed && !(ours && same_journal(*there, *object_));
    object_ = std::move(*there);
    if (landed) co_return Written::done;
    if (lost) co_return Written::lost;
  }
  co_return Written::unknown;
}

Task<sdk::Append> AgentStore::append(std::uint64_t /*sequence*/, std::string line) {
  line += '\n';
  if (sdk::valid_utf8(line, line.size()) != line) {
    host_.log(sdk::LogLevel::error, "journal append failed: the entry is no UTF-8");
    co_return sdk::Append::unknown;
  }
  // What could not be read again must not get there.
  if (const auto now = object_ ? journal_of(*object_, kLongestRead) : Result<std::string>();
      !now || now->size() + line.size() > kLongestRead) {
    host_.log(sdk::LogLevel::error,
              "journal append failed: " + (now ? shown() + " would be longer than can be read" : now.error().message));
    co_return sdk::Append::unknown;
  }
  const Change longer = [&line](Json& map) { set_journal(map, journal_of(map, kLongestRead).value_or("") + line); };
  const auto written = co_await write(longer);
  if (written == Written::done) co_return sdk::Append::done;
  host_.log(sdk::LogLevel::error, "journal append failed: " + why_);
  co_return written == Written::lost ? sdk::Append::lost : sdk::Append::unknown;
}

Task<Result<void>> AgentStore::replace(std::string bytes) {
  const Change other = [&bytes](Json& map) { set_journal(map, bytes); };
  const auto written = co_await write(other);
  if (written == Written::done) co_return Result<void>();
  co_return sdk::fail(Errc::transient, shown() + " could not be written: " + why_);
}

Task<Result<void>> AgentStore::truncate(std::size_t size) {
  auto bytes = object_ ? journal_of(*object_, kLongestRead) : sdk::fail(Errc::transient, "not read yet");
  if (!bytes) co_return sdk::fail("journal", bytes.error());
  bytes->resize(std::min(size, bytes->size()));
  co_return co_await replace(std::move(*bytes));
}

// One that is emptied on purpose is a forgotten agent's: nobody looks for it any more.
Task<Result<void>> AgentStore::compact(std::string bytes) {
  const bool forgotten = bytes.empty();
  auto written = co_await replace(std::move(bytes));
  if (!written || !forgotten) co_return written;
  Json data = Json::object();
  data["data"][host_.agent()] = nullptr;
  const auto struck = co_await api_->patch(place_.index(), kube::Patch::merge, std::move(data));
  enlisted_ = enlisted_ && !struck;
  co_return written;
}

Task<Result<std::string>> AgentStore::set_aside() {
  if (!object_) {
    auto read = co_await sign();
    if (!read) co_return sdk::fail("journal", as_trouble(read.error()));
    object_ = std::move(*read);
  }
  std::string key = kAside + sdk::rfc3339(host_.clock().now());
  std::erase_if(key, [](char c) { return c == ':'; });  // no part of a key
  Json tried = *object_;
  if (auto room = move_journal(tried, key); !room) co_return sdk::fail(shown(), room.error());
  const Change away = [&key](Json& map) { (void)move_journal(map, key); };
  const auto written = co_await write(away);
  if (written != Written::done) co_return sdk::fail(Errc::transient, shown() + " could not be written: " + why_);
  co_return Result<std::string>("key " + key + " of " + shown());
}

Task<Result<std::vector<std::string>>> AgentStore::agents() { co_return sdk::fail(Errc::internal, "an agent knows of no others"); }

}  // namespace upkeep::plugins::configmap
