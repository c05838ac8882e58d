// SPDX-License-Identifier: Apache-2.0
#pragma once
// The installer of workloads. An image is changed by one patch that is conditional on what was read before; the cluster does the rest, and
// activate is the wait for it. Nothing is kept here that the workload does not say itself, so any daemon can go on with an operation.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "installer/kubernetes/images.h"
#include "installer/kubernetes/progress.h"
#include "installer/kubernetes/rollout.h"
#include "installer/kubernetes/settings.h"
#include "sdk/host.h"
#include "sdk/installer.h"
#include "shared/kube/api.h"
#include "shared/oci/verify.h"

namespace upkeep::plugins::kubernetes {

// The same error, for a request in the middle of an operation: who was allowed the dry run and is refused now is so for a moment. A token
// has just expired, or the API server has just started: until it has read the roles it refuses everybody (seen with 1.35).
[[nodiscard]] sdk::Error passing(sdk::Error error);
// The same error, where only something was to be read: whatever came instead (a balancer's page for people) says nothing of a version.
[[nodiscard]] sdk::Error unseen(sdk::Error error);

class KubernetesInstaller final : public sdk::Installer {
 public:
  KubernetesInstaller(sdk::Host& host, Settings settings, std::unique_ptr<shared::kube::Access> access, oci::VerifySettings verify);

  sdk::Task<sdk::Result<sdk::Installed>> inspect(const sdk::Version* target) override;
  sdk::Task<sdk::Result<sdk::Plan>> prepare(const sdk::Change& change) override;
  sdk::Task<sdk::Result<void>> apply(const sdk::Change& change, sdk::Note& note, const std::string& last_note) override;
  sdk::Task<sdk::Result<void>> activate(const sdk::Change& change) override;
  sdk::Task<sdk::Result<sdk::Verified>> verify(const sdk::Change& change, const std::string& last_note) override;
  sdk::Task<sdk::Result<void>> revert(const sdk::Change& change, sdk::Note& note, const std::string& last_note) override;
  // Deletes old unhealthy pods that an ordered rollout waits for.
  sdk::Task<sdk::Result<void>> keep() override;
  sdk::Task<sdk::Result<void>> changed() override;
  sdk::Task<sdk::Result<sdk::Vitals>> vitals() override;
  [[nodiscard]] bool on_this_host() const override { return false; }
  sdk::Task<sdk::Result<void>> taken(const sdk::Wish& wish) override;
  sdk::Task<sdk::Result<void>> tell(const sdk::Happening& happening) override;
  [[nodiscard]] bool shows() const override { return !settings_.status_config_map.empty(); }
  sdk::Task<sdk::Result<void>> show(const std::string& status) override;
  [[nodiscard]] std::vector<sdk::Advice> advice(const sdk::Change& change) const override;

 private:
  // The workload in a namespace that is known from now on. nullopt: it does not exist.
  [[nodiscard]] sdk::Task<sdk::Result<std::optional<Json>>> read();
  // The same where it must exist.
  [[nodiscard]] sdk::Task<sdk::Result<Json>> read_existing();
  [[nodiscard]] sdk::Result<void> find_namespace();
  [[nodiscard]] sdk::Result<Images> images_of(const Json& workload) const;
  // The containers that `images` is about, in this workload.
  [[nodiscard]] sdk::Result<std::vector<Container>> containers_of(const Json& workload, const Images& images) const;
  [[nodiscard]] sdk::Task<sdk::Result<std::vector<Pod>>> pods(const Json& workload);
  [[nodiscard]] sdk::Task<bool> is_own_workload(const Json& workload);
  [[nodiscard]] std::vector<sdk::Wish> wishes(const Json& workload) const;
  // Who says that Upkeep keeps its hands off.
  [[nodiscard]] std::vector<std::string> holds(const Json& workload) const;
  [[nodiscard]] sdk::Task<sdk::Result<sdk::WayBack>> way_back(const Json& workload);

  // The images for a version, each with its digest where that is known and, if configured, its signature.
  [[nodiscard]] sdk::Task<sdk::Result<Images>> images_for(const sdk::Change& change, const Json& workload);
  [[nodiscard]] sdk::Task<sdk::Result<std::string>> image_for(const sdk::Change& change, const std::string& today, const std::string& base);

  // Sets images and annotations (a null takes one away) of the workload as it was read.
  [[nodiscard]] sdk::Task<shared::kube::Answer<Json>> write(const Json& workload, const std::vector<Container>& images,
                                                            const Json& annotations, shared::kube::Write how);
  // From exactly `from` to `to`, however often the workload is changed otherwise meanwhile. false: it is at neither.
  [[nodiscard]] sdk::Task<sdk::Result<bool>> exchange(Images from, Images to, Json annotations, shared::kube::Write how);

  // A change of ours that got no answer may still be on its way: marks the workload as it was read, so that it cannot be made any more.
  // false: somebody has changed the workload meanwhile.
  [[nodiscard]] sdk::Task<sdk::Result<bool>> fend_off(const Json& workload, const std::string& operation);

  // Deletes the pods that the judge names. Errors are logged: the rollout can also go on by itself.
  using Judge = bool (*)(const Pod& pod, const std::string& revision, const std::vector<Container>& images, sdk::TimePoint now);
  [[nodiscard]] sdk::Task<void> remove_pods(const Json& workload, const std::vector<Pod>& all, const std::vector<Container>& images,
                                            Judge judge);
  [[nodiscard]] sdk::Task<sdk::Result<void>> follow_back(const Images& bad, const Images& back, sdk::Note& note);

  sdk::Host& host_;
  Settings settings_;
  shared::kube::Api api_;
  oci::Verifier verifier_;
  shared::kube::Resource resource_;
  std::optional<bool> own_workload_;
  std::string watched_from_;  // resource version
  // The rollout that activate waits for.
  struct Followed {
    std::string operation;
    Progress progress;
    std::string waits;        // what its pods wait for
    sdk::BootTime pods_seen;  // when they were looked at last
  };
  std::optional<Followed> followed_;
};

}  // namespace upkeep::plugins::kubernetes
