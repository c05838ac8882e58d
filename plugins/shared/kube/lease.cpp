// SPDX-License-Identifier: Apache-2.0
#include "shared/kube/lease.h"

#include <algorithm>
#include <utility>

#include "sdk/text.h"
#include "shared/kube/json.h"

namespace upkeep::plugins::shared::kube {

using sdk::Result;
using sdk::Task;

namespace {

// What others ask for is believed within these.
constexpr std::int64_t kShortest = 1, kLongest = 3600;
constexpr int kTries = 3;  // at a Lease that changes while it is written

}  // namespace

std::string micro_time(sdk::TimePoint time) {
  std::string text = sdk::rfc3339(time);  // with three digits, or none
  text.pop_back();
  const auto dot = text.rfind('.');
  if (dot == std::string::npos) text += '.';
  const std::size_t digits = dot == std::string::npos ? 0 : text.size() - dot - 1;
  return text + std::string(6 - std::min<std::size_t>(digits, 6), '0') + "Z";
}

std::string Lease::Record::holder() const { return text_at(object, "/spec/holderIdentity"); }

sdk::Millis Lease::Record::duration(const Terms& terms) const {
  const auto own = std::chrono::duration_cast<std::chrono::seconds>(terms.duration).count();
  return std::chrono::seconds(std::clamp(number_at(object, "/spec/leaseDurationSeconds", own), kShortest, kLongest));
}

// The same words as at the last look are no sign of life.
void Lease::take_down(Json object) {
  const Json* was = record_ ? at(record_->object, "/spec") : nullptr;
  const Json* is = at(object, "/spec");
  const bool same = was != nullptr && is != nullptr && *was == *is;
  record_ = Record{std::move(object), same ? record_->seen : host_.clock().boot_now()};
}

Standing Lease::standing() const {
  Standing out;
  if (!record_) return out;
  out.holder = record_->holder();
  out.since = text_at(record_->object, "/spec/acquireTime");
  out.until = record_->seen + record_->duration(terms_);
  return out;
}

sdk::Error Lease::explained(Failure failure) const {
  if (failure.is(404)) failure.error.code = sdk::Errc::transient;  // the namespace, or it went between two requests
  if (failure.is(403) && failure.error.message.find("create") != std::string::npos)
    failure.error.message += "; " + where_.shown() + " does not exist: create it, or allow its creation";
  return std::move(failure.error);
}

Task<Answer<void>> Lease::read() {
  auto got = co_await api_.get(where_);
  if (got) {
    take_down(std::move(*got));
    co_return Answer<void>();
  }
  if (!got.error().is(404)) co_return tl::unexpected(std::move(got.error()));
  record_.reset();
  co_return Answer<void>();
}

Json Lease::spec_of(const std::string& holder) const {
  const std::string now = micro_time(host_.clock().now());
  const bool same = record_ && record_->holder() == holder;
  const std::int64_t transitions = record_ ? number_at(record_->object, "/spec/leaseTransitions", 0) : 0;
  const std::string acquired = record_ ? text_at(record_->object, "/spec/acquireTime") : "";
  Json spec = Json::object();
  spec["holderIdentity"] = holder;
  spec["leaseDurationSeconds"] = std::chrono::duration_cast<std::chrono::seconds>(terms_.duration).count();
  spec["acquireTime"] = same && !acquired.empty() ? acquired : now;
  spec["renewTime"] = now;
  spec["leaseTransitions"] = same || !record_ ? transitions : std::clamp<std::int64_t>(transitions, 0, INT32_MAX - 1) + 1;
  return spec;
}

// With us as its holder, whoever it was before: conditional on what was read. Time runs from before the request.
Task<Answer<Standing>> Lease::write(std::string holder) {
  const auto sent = host_.clock().boot_now();
  Json object = record_ ? record_->object : Json::object();
  object["spec"] = spec_of(holder);
  if (!record_) {
    object["apiVersion"] = where_.group_version;
    object["kind"] = "Lease";
    object["metadata"] = Json::object({{"name", where_.name}, {"namespace", where_.space}});
  }
  auto work = record_ ? api_.replace(where_, std::move(object)) : api_.create(where_, std::move(object));
  auto written = co_await std::move(work);
  if (!written) co_return tl::unexpected(std::move(written.error()));
  record_ = Record{std::move(*written), sent};
  Standing out = standing();
  out.ours = true;
  out.until = sent + terms_.renew_deadline;
  co_return Answer<Standing>(std::move(out));
}

Task<Result<Standing>> Lease::acquire(std::string holder, Same same) {
  // Whoever has it still, as far as it knows, need not read it first.
  if (record_ && record_->holder() == holder) {
    auto written = co_await write(holder);
    if (written) co_return Result<Standing>(std::move(*written));
  }
  for (int tries = 1;; ++tries) {
    if (auto got = co_await read(); !got) co_return sdk::fail(explained(std::move(got.error())));
    Standing now = standing();
    const bool free = now.holder.empty() || same(now.holder, holder) || now.until <= host_.clock().boot_now();
    if (!free) co_return Result<Standing>(std::move(now));
    auto written = co_await write(holder);
    if (written) co_return Result<Standing>(std::move(*written));
    // 409: another was faster, and has it now; 404: it was taken away.
    if (!(written.error().is(409) || (record_ && written.error().is(404))) || tries == kTries)
      co_return sdk::fail(explained(std::move(written.error())));
  }
}

Task<Result<Standing>> Lease::renew(std::string holder) {
  for (int tries = 1;; ++tries) {
    if (tries > 1 || !record_)
      if (auto got = co_await read(); !got) co_return sdk::fail(explained(std::move(got.error())));
    Standing now = standing();
    if (record_ && now.holder != holder) co_return Result<Standing>(std::move(now));
    auto written = co_await write(holder);
    if (written) co_return Result<Standing>(std::move(*written));
    if (!(written.error().is(409) || written.error().is(404)) || tries == kTries)
      co_return sdk::fail(explained(std::move(written.error())));
  }
}

Task<Result<Standing>> Lease::look() {
  if (auto got = co_await read(); !got) co_return sdk::fail(explained(std::move(got.error())));
  co_return Result<Standing>(standing());
}

// Who comes next need not wait: held by nobody, for a second.
Task<Answer<Json>> Lease::empty() {
  Json object = record_->object;
  object["spec"]["holderIdentity"] = "";
  object["spec"]["leaseDurationSeconds"] = 1;
  object["spec"]["renewTime"] = micro_time(host_.clock().now());
  co_return co_await api_.replace(where_, std::move(object));
}

Task<void> Lease::let_go(std::string holder) {
  if (!record_ || record_->holder() != holder) co_return;
  const auto ignored = co_await empty();
}

Task<Result<void>> Lease::release(std::string holder, Same same) {
  for (int tries = 1;; ++tries) {
    if (auto got = co_await read(); !got) co_return sdk::fail(explained(std::move(got.error())));
    if (!record_ || !same(record_->holder(), holder)) co_return Result<void>();
    auto written = co_await empty();
    if (written) {
      take_down(std::move(*written));
      co_return Result<void>();
    }
    if (!(written.error().is(409) || written.error().is(404)) || tries == kTries)
      co_return sdk::fail(explained(std::move(written.error())));
  }
}

}  // namespace upkeep::plugins::shared::kube
