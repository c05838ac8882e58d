// SPDX-License-Identifier: Apache-2.0
// The rollout: the controllers do it, here it is waited for, and what its pods say decides whether waiting can help.
#include <algorithm>
#include <utility>

#include "installer/kubernetes/installer.h"
#include "sdk/text.h"

namespace upkeep::plugins::kubernetes {

using sdk::Errc;
using sdk::fail;
using sdk::Result;
using sdk::Task;

namespace {

constexpr sdk::Millis kLook = std::chrono::seconds(2);
constexpr sdk::Millis kPodsEach = 3 * kLook;  // they are many, and tell little while the figures move

// Teleport's rule against rollouts that wait for ever for an unhealthy pod of before (pkg/controller/statefulset.go).
bool old_and_unhealthy(const Pod& pod, const std::string& revision, const std::vector<Container>& /*images*/, sdk::TimePoint now) {
  return !pod.revision.empty() && !revision.empty() && pod.revision != revision && !is_healthy(pod, now);
}

// A pod that an ordered rollout waits for and never replaces by itself (kubernetes #67250).
bool stuck_with_bad_image(const Pod& pod, const std::string& /*revision*/, const std::vector<Container>& bad, sdk::TimePoint /*now*/) {
  return !pod.ready && !pod.deleting && has_images(pod, bad);
}

class Pods final : public shared::kube::ObjectSink {
 public:
  void object(const Json& object) override { all.push_back(read_pod(object)); }
  std::vector<Pod> all;
};

bool passes(const sdk::Error& error) { return error.code == Errc::transient || error.code == Errc::timeout || error.code == Errc::busy; }

// Below this ordinal a StatefulSet's pods are meant to be old.
bool is_below(const Pod& pod, std::int64_t partition) {
  const auto ordinal = sdk::parse_number(std::string_view(pod.name).substr(pod.name.rfind('-') + 1));
  return ordinal && static_cast<std::int64_t>(*ordinal) < partition;
}

// Updated pods that have run and are not ready, though nothing says that they could not start: it is the version.
bool unready(const std::vector<Pod>& pods, const std::vector<Container>& images) {
  return std::any_of(pods.begin(), pods.end(), [&](const Pod& pod) {
    return has_images(pod, images) && !pod.deleting && !pod.ready && pod.ran && pod.waits.empty();
  });
}

}  // namespace

Task<Result<std::vector<Pod>>> KubernetesInstaller::pods(const Json& workload) {
  auto labels = selector(workload);
  if (!labels) co_return fail(resource_.shown(), labels.error());
  shared::kube::Resource resource{"v1", "pods", resource_.space, ""};
  Pods sink;
  auto listed = co_await api_.list(std::move(resource), std::move(*labels), sink);
  if (!listed) co_return fail(listed.error().error);
  co_return std::move(sink.all);
}

Task<void> KubernetesInstaller::remove_pods(const Json& workload, const std::vector<Pod>& all, const std::vector<Container>& images,
                                            Judge judge) {
  if (settings_.workload.kind != Kind::stateful_set) co_return;  // the other controllers do it by themselves
  const std::string revision = shared::kube::text_at(workload, "/status/updateRevision");
  const auto partition = shared::kube::number_at(workload, "/spec/updateStrategy/rollingUpdate/partition", 0);
  for (const Pod& pod : all) {
    if (is_below(pod, partition) || !judge(pod, revision, images, host_.clock().now())) continue;
    shared::kube::Resource resource{"v1", "pods", resource_.space, pod.name};
    if (!shared::kube::is_name(pod.name)) continue;
    const std::string uid = pod.uid;
    const auto removed = co_await api_.remove(std::move(resource), uid);
    if (removed)
      host_.log(sdk::LogLevel::warn, "deleted the unhealthy pod " + pod.name + ", which the rollout would wait for");
    else if (!removed.error().is(404) && !removed.error().is(409))
      host_.log(sdk::LogLevel::warn, "an unhealthy pod may hold up the rollout: " + removed.error().error.message);
  }
}

Task<Result<void>> KubernetesInstaller::activate(const sdk::Change& change) {
  const auto images = parse_images(change.to);
  if (!images) co_return fail(images.error());
  if (!followed_ || followed_->operation != change.operation)  // else it is called again, and what has not moved still has not
    followed_ = {change.operation, Progress(host_.clock(), settings_.progress_deadline), "", host_.clock().boot_now() - kLook};
  Progress& progress = followed_->progress;
  std::string& waits = followed_->waits;
  while (true) {
    auto workload = co_await read();
    if (!workload && !passes(workload.error())) co_return fail(unseen(workload.error()));
    if (!workload) {
      progress.blind();
      host_.progress({std::nullopt, workload.error().message});
      const auto pause = std::max<sdk::Millis>(kLook, workload.error().retry_after.value_or(std::chrono::seconds(0)));
      co_await host_.clock().sleep_for(pause);
      continue;
    }
    if (!*workload) co_return Result<void>();  // somebody else's doing: verify says so
    const auto now = images_of(**workload);
    if (!now || now->text() != change.to) co_return Result<void>();  // so is this
    const auto rollout = rollout_of(**workload, settings_.workload.kind);
    if (rollout.done) co_return Result<void>();
    progress.see(rollout.figures);
    const bool late = rollout.late || progress.late();
    if (host_.clock().boot_now() - followed_->pods_seen >= kPodsEach || late) {
      auto all = co_await pods(**workload);
      if (!all && !passes(all.error())) co_return fail(unseen(all.error()));
      if (all) {
        followed_->pods_seen = host_.clock().boot_now();
        const auto containers = containers_of(**workload, *images);
        if (!containers) co_return fail(containers.error());
        const auto trouble = trouble_of(*all, *containers);
        if (!trouble.crash.empty()) co_return fail(Errc::internal, trouble.crash);
        if (!trouble.waits.empty() && trouble.waits != waits) host_.log(sdk::LogLevel::warn, trouble.waits);
        waits = trouble.waits;
        co_await remove_pods(**workload, *all, *containers, &old_and_unhealthy);
        if (late) {
          const auto why = "no progress in " + sdk::format_duration(settings_.progress_deadline) + ": " + rollout.text;
          if (unready(*all, *containers)) co_return fail(Errc::timeout, why);
          const auto& lasts = waits.empty() ? trouble.starting : waits;
          co_return fail(Errc::denied, why + (lasts.empty() ? "" : "; " + lasts));  // not the version's doing
        }
      }
    }
    host_.progress({std::nullopt, rollout.text + (waits.empty() ? "" : "; " + waits)});
    co_await host_.clock().sleep_for(kLook);
  }
}

// The former images are back. Their pods need not get ready for that: an old version that cannot start now is no reason to go on changing
// things.
Task<Result<void>> KubernetesInstaller::follow_back(const Images& bad, const Images& back, sdk::Note& note) {
  Progress progress(host_.clock(), settings_.progress_deadline);
  while (true) {
    auto workload = co_await read_existing();
    if (!workload) co_return fail(unseen(workload.error()));
    const auto now = images_of(*workload);
    if (!now || now->text() != back.text()) co_return Result<void>();
    const auto rollout = rollout_of(*workload, settings_.workload.kind);
    if (rollout.done) co_return Result<void>();
    progress.see(rollout.figures);
    auto all = co_await pods(*workload);
    if (!all) co_return fail(unseen(all.error()));
    const auto containers = containers_of(*workload, bad);
    if (!containers) co_return fail(containers.error());
    // Only when the controller has taken up the change: before, it would make them again of the bad revision.
    if (shared::kube::number_at(*workload, "/status/observedGeneration", 0) >=
        shared::kube::number_at(*workload, "/metadata/generation", 0))
      co_await remove_pods(*workload, *all, *containers, &stuck_with_bad_image);
    if (progress.late()) {
      std::vector<std::string> lines = {"the former image is back, but not all of its pods: " + rollout.text};
      (void)co_await note.record(sdk::Topic::differences, std::move(lines));
      co_return Result<void>();
    }
    host_.progress({std::nullopt, "going back: " + rollout.text});
    co_await host_.clock().sleep_for(kLook);
  }
}

Task<Result<sdk::Vitals>> KubernetesInstaller::vitals() {
  constexpr sdk::Millis kMayTake = std::chrono::minutes(1);  // a pod that is made anew, as nodes come and go
  auto workload = co_await read();
  if (!workload) co_return fail(workload.error());
  sdk::Vitals out;
  if (!*workload) {
    out.state = sdk::Health::unhealthy;
    out.text = resource_.shown() + " does not exist";
    co_return out;
  }
  const auto rollout = rollout_of(**workload, settings_.workload.kind);
  out.text = rollout.text;
  if (rollout.done) {
    out.state = sdk::Health::healthy;
    if (wanted_pods(**workload, settings_.workload.kind) == 0) out.text = "no pods are wanted, so nothing proves it";
    co_return out;
  }
  const auto images = images_of(**workload);
  if (!images) co_return fail(images.error());
  const auto containers = containers_of(**workload, *images);
  auto all = co_await pods(**workload);
  if (!all) co_return fail(all.error());
  auto trouble = trouble_of(*all, *containers);
  out.output = std::move(trouble.all);
  const auto now = host_.clock().now();
  if (!trouble.crash.empty()) {
    out.state = sdk::Health::unhealthy;
    out.final = true;
    out.text += "; " + trouble.crash;
  } else if (!trouble.waits.empty()) {
    out.state = sdk::Health::unhealthy;
    out.excused = true;
    out.text += "; " + trouble.waits;
  } else if (std::any_of(all->begin(), all->end(), [&](const Pod& pod) {
               return !pod.deleting && !pod.ready && (!pod.has_ready_condition || pod.ready_since + kMayTake < now);
             })) {
    out.state = sdk::Health::unhealthy;
  }
  co_return out;
}

Task<Result<void>> KubernetesInstaller::keep() {
  if (settings_.workload.kind != Kind::stateful_set) co_return Result<void>();
  auto workload = co_await read();
  if (!workload) co_return fail(workload.error());
  // Who has somebody look at a pod, or has stopped Upkeep here, wants it to stay.
  if (!*workload || !holds(**workload).empty() || !wishes(**workload).empty()) co_return Result<void>();
  if (rollout_of(**workload, settings_.workload.kind).done) co_return Result<void>();
  auto all = co_await pods(**workload);
  if (!all) co_return fail(all.error());
  const std::vector<Container> none;
  co_await remove_pods(**workload, *all, none, &old_and_unhealthy);
  co_return Result<void>();
}

}  // namespace upkeep::plugins::kubernetes
