// SPDX-License-Identifier: Apache-2.0
// What there is now: the workload, its images, who else has a say in it.
#include "installer/kubernetes/installer.h"

#include <algorithm>
#include <utility>

#include "sdk/text.h"

namespace upkeep::plugins::kubernetes {

using sdk::Errc;
using sdk::fail;
using sdk::Result;
using sdk::Task;
using shared::kube::text_at;

namespace {

constexpr std::string_view kSkip = "upkeep.dev/skip", kTeleportSkip = "teleport.dev/skipreconcile";

// What somebody who owns the image in the cluster has to be told, where it is known who that is.
std::string remedy(const std::string& manager) {
  if (manager.find("argocd") != std::string::npos)
    return " (Argo CD: add the container's image to the application's ignoreDifferences, with RespectIgnoreDifferences=true)";
  if (manager.find("kustomize-controller") != std::string::npos || manager.find("helm-controller") != std::string::npos)
    return " (Flux: take the image out of what it applies, or annotate the workload with kustomize.toolkit.fluxcd.io/ssa: IfNotPresent; "
           "for a "
           "HelmRelease ignore its path under driftDetection)";
  if (manager == "helm") return " (Helm: leave the tag to Upkeep, or upgrade with the version of now)";
  if (manager.starts_with("kubectl")) return " (kubectl: take the image out of the manifest that is applied)";
  return "";
}

std::string by(const Manager& manager) {
  if (manager.name.empty() || manager.name == "upkeep") return "";
  return sdk::quoted(manager.name) + (manager.time.empty() ? "" : " at " + sdk::quoted(manager.time)) + remedy(manager.name);
}

}  // namespace

KubernetesInstaller::KubernetesInstaller(sdk::Host& host, Settings settings, std::unique_ptr<shared::kube::Access> access,
                                         oci::VerifySettings verify)
    : host_(host),
      settings_(std::move(settings)),
      api_(host, std::move(access)),
      verifier_(host, std::move(verify)),
      resource_(resource_of(settings_.workload, settings_.space)) {}

Result<void> KubernetesInstaller::find_namespace() {
  if (!resource_.space.empty()) return {};
  auto own = api_.own_namespace();
  if (!own) return fail("which namespace is meant", own.error());
  if (own->empty()) return fail(Errc::invalid, "`namespace` must be set: " + api_.shown() + " names none");
  resource_.space = std::move(*own);
  return {};
}

Task<Result<std::optional<Json>>> KubernetesInstaller::read() {
  if (auto found = find_namespace(); !found) co_return fail(found.error());
  auto object = co_await api_.get(resource_);
  if (object) co_return Result<std::optional<Json>>(std::move(*object));
  if (object.error().is(404)) co_return Result<std::optional<Json>>(std::nullopt);
  co_return fail(object.error().error);
}

Task<Result<Json>> KubernetesInstaller::read_existing() {
  auto object = co_await read();
  if (!object) co_return fail(object.error());
  if (!*object) co_return fail(Errc::invalid, resource_.shown() + " does not exist");
  co_return Result<Json>(std::move(**object));
}

Result<Images> KubernetesInstaller::images_of(const Json& workload) const {
  auto name = managed_container(workload, settings_.container);
  if (!name) return fail(resource_.shown(), name.error());
  Images out;
  out.main = image_of(workload, *name).value();
  for (const auto& other : settings_.also) {
    auto image = image_of(workload, other);
    if (!image) return fail(resource_.shown() + ": also", image.error());
    out.also.push_back({other, std::move(*image)});
  }
  return out;
}

Result<std::vector<Container>> KubernetesInstaller::containers_of(const Json& workload, const Images& images) const {
  auto name = managed_container(workload, settings_.container);
  if (!name) return fail(resource_.shown(), name.error());
  std::vector<Container> out = {{*name, images.main}};
  out.insert(out.end(), images.also.begin(), images.also.end());
  return out;
}

// Of the daemon that runs as a sidecar: it goes down with the pod that it replaces.
Task<bool> KubernetesInstaller::is_own_workload(const Json& workload) {
  if (own_workload_) co_return *own_workload_;
  const auto pod_name = host_.environment("UPKEEP_POD_NAME").value_or(host_.environment("HOSTNAME").value_or(""));
  const auto own_space = api_.own_namespace();
  bool own = false;
  if (host_.environment("KUBERNETES_SERVICE_HOST") && own_space && *own_space == resource_.space && shared::kube::is_name(pod_name)) {
    shared::kube::Resource resource{"v1", "pods", resource_.space, pod_name};
    const auto pod = co_await api_.get(resource);
    if (!pod && !pod.error().is(404) && !pod.error().is(403)) co_return false;  // asked again
    if (const Json* wanted = pod ? shared::kube::at(workload, "/spec/selector/matchLabels") : nullptr; wanted && wanted->is_object()) {
      own = !wanted->empty();
      for (const auto& [key, value] : wanted->items())
        own = own && value.is_string() && shared::kube::member_at(*pod, "/metadata/labels", key) == value.get<std::string>();
    }
  }
  own_workload_ = own;
  co_return own;
}

Task<Result<sdk::WayBack>> KubernetesInstaller::way_back(const Json& workload) {
  sdk::WayBack out;
  const auto kind = settings_.workload.kind;
  if (auto object = shared::kube::text_at(workload, "/metadata/deletionTimestamp"); !object.empty()) {
    out.text = "the workload is being deleted";
    co_return out;
  }
  const bool own = co_await is_own_workload(workload);
  if (own && !one_pod_survives(workload, kind)) {
    out.text =
        "this daemon is a sidecar of the pods that it replaces, and by the strategy (" + strategy(workload) + ", " +
        std::to_string(wanted_pods(workload, kind)) +
        " pods) none of them is sure to stay until a new one is ready: nobody would be left to go back. Let maxUnavailable be less than "
        "the number of pods, or run Upkeep as a Deployment of its own";
    co_return out;
  }
  out.how = sdk::WayBackHow::image;
  out.text = "the former image is put back";
  co_return out;
}

std::vector<std::string> KubernetesInstaller::holds(const Json& workload) const {
  std::vector<std::string> out;
  for (const auto name : {kSkip, kTeleportSkip})
    if (const auto said = annotation(workload, name); said && go_true(*said))
      out.push_back("the annotation " + std::string(name) + " of " + resource_.shown());
  if (!text_at(workload, "/metadata/deletionTimestamp").empty()) out.push_back(resource_.shown() + " is being deleted");
  return out;
}

Task<Result<sdk::Installed>> KubernetesInstaller::inspect(const sdk::Version* target) {
  auto object = co_await read();
  if (!object) co_return fail(object.error());
  sdk::Installed out;
  if (!*object) {
    out.way_back.text = "there is nothing to go back to";
    out.warnings.push_back(resource_.shown() + " does not exist; Upkeep changes workloads, but creates none");
    co_return out;
  }
  const Json& workload = **object;
  if (watched_from_.empty()) watched_from_ = resource_version(workload);
  auto images = images_of(workload);
  if (!images) co_return fail(images.error());
  const auto said = annotation(workload, kVersionAnnotation);
  out.version = images->text();
  out.release = version_of(settings_.tag, images->main, said);
  out.identity = text_at(workload, "/metadata/uid");
  out.matches_target = target != nullptr && out.release && *out.release == *target;
  const auto today = oci::parse_reference(images->main);
  if (!today) {
    out.warnings.push_back("its image " + sdk::quoted(images->main) + " is no name of one: " + today.error().message);
  } else if (!settings_.image.empty()) {
    const auto base = oci::parse_reference(settings_.image);
    if (base && !base->same_repository(*today)) out.matches_target = false;
  }
  for (const auto& other : images->also) {
    const auto reference = oci::parse_reference(other.image);
    const auto version = reference ? version_of_tag(settings_.tag, reference->tag) : std::nullopt;
    // One that has only a digest cannot be told apart; it has moved together with the others.
    if (target != nullptr && version && *version != *target) out.matches_target = false;
  }
  if (!out.release)
    out.warnings.push_back("no version can be read from the image " + sdk::quoted(images->main, 200) +
                           "; it may be upgraded from, whatever it is");

  out.held_by = holds(workload);
  if (auto why = not_rolling(workload, settings_.workload.kind); !why.empty()) out.warnings.push_back(resource_.shown() + ": " + why);
  if (wanted_pods(workload, settings_.workload.kind) == 0)
    out.warnings.push_back(resource_.shown() + " has no pods: nothing proves the health of a new version");
  out.wishes = wishes(workload);
  out.changed_by = by(manager_of_image(workload, *managed_container(workload, settings_.container)));
  auto back = co_await way_back(workload);
  if (!back) co_return fail(back.error());
  out.way_back = std::move(*back);
  co_return out;
}

std::vector<sdk::Advice> KubernetesInstaller::advice(const sdk::Change& change) const {
  const std::string object = std::string(shown(settings_.workload.kind)) + "/" + settings_.workload.name;
  const std::string kubectl = "kubectl -n " + (resource_.space.empty() ? "NAMESPACE" : resource_.space) + " ";
  std::vector<sdk::Advice> out;
  out.push_back({kubectl + "describe " + object, "what the cluster says of it, and its last events"});
  if (const auto images = parse_images(change.from); images && !change.from.empty()) {
    const std::string container = settings_.container.empty() ? "CONTAINER" : settings_.container;
    std::string command = kubectl + "set image " + object + " " + container + "=" + images->main;
    for (const auto& one : images->also) command += " " + one.name + "=" + one.image;
    out.push_back({std::move(command), "puts the former image back"});
  }
  return out;
}

}  // namespace upkeep::plugins::kubernetes
