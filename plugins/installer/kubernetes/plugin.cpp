// SPDX-License-Identifier: Apache-2.0
#include "installer/kubernetes/plugin.h"

#include <algorithm>

#include "installer/kubernetes/installer.h"
#include "sdk/text.h"
#include "shared/kube/access.h"

namespace upkeep::plugins::kubernetes {

using sdk::KeyType;

namespace {

constexpr sdk::Millis kProgressDeadline = std::chrono::minutes(10);

constinit const sdk::KeySpec kKeys[] = {
    {.name = "workload",
     .type = KeyType::text,
     .required = true,
     .help = "what is kept: deployment/NAME, statefulset/NAME or daemonset/NAME",
     .subject = true},
    {.name = "namespace", .type = KeyType::text, .help = "its namespace; absent: the pod's own, or the kubeconfig's", .subject = true},
    {.name = "container",
     .type = KeyType::text,
     .help = "the container whose image is kept; absent: the only one, or the one named like the workload"},
    {.name = "image", .type = KeyType::text, .help = "repository of the image, without tag; absent: today's"},
    {.name = "tag",
     .type = KeyType::text,
     .help = "how a version is spelled in the image's tag: \"v{version}\", \"{version}-alpine\"; absent: as in today's, with or without v"},
    {.name = "also", .type = KeyType::text_list, .help = "containers that move together with it, each in its own repository"},
    {.name = "progress_deadline",
     .type = KeyType::duration,
     .fallback = "10m",
     .help = "a rollout in which nothing has moved for so long is taken back"},
    {.name = "status_config_map", .type = KeyType::text, .help = "a ConfigMap in which the agent's status is shown; absent: in none"},
    {.name = "verify", .type = KeyType::table, .help = "what is asked of an image before it is deployed", .children = oci::kVerifyKeys},
    shared::kube::kKubeconfigKey,
};

std::vector<sdk::ConfigIssue> check(const sdk::Config& config) {
  constexpr sdk::Millis kShortest = std::chrono::seconds(10), kLongest = std::chrono::hours(24);
  constexpr std::size_t kMostAlso = 16;
  std::vector<sdk::ConfigIssue> issues;
  const auto add = [&](std::string_view key, std::string message) {
    const sdk::Config* at = config.find(key);
    if (at && !message.empty()) issues.push_back({at->place(), std::string(key), std::move(message)});
  };
  const auto workload = parse_workload(config.text("workload"));
  add("workload", workload ? "" : workload.error().message);
  add("namespace", shared::kube::is_label(config.text("namespace")) ? "" : "is no name of a namespace");
  add("container", shared::kube::is_label(config.text("container")) ? "" : "is no name of a container");
  const auto image = oci::parse_reference(config.text("image"));
  add("image", !image ? image.error().message
               : image->tag.empty() && image->digest.empty()
                   ? ""
                   : "is a repository, without tag and digest: the version comes from the channel");
  const std::string tag = config.text("tag");
  const auto hole = tag.find("{version}");
  const bool one_hole = hole != std::string::npos && tag.find("{version}", hole + 1) == std::string::npos;
  std::string filled = tag;
  if (one_hole) filled.replace(hole, std::string_view("{version}").size(), "1.2.3");
  add("tag", !one_hole             ? "must have {version} in it, once"
             : oci::is_tag(filled) ? ""
                                   : "makes no tag of an image: letters, digits, _ . and -, at most 128");
  const auto also = config.texts("also");
  for (const auto& name : also) add("also", shared::kube::is_label(name) ? "" : sdk::quoted(name) + " is no name of a container");
  if (also.size() > kMostAlso) add("also", "names more than " + std::to_string(kMostAlso) + " containers");
  for (const auto& name : also)
    if (name == config.text("container") || std::count(also.begin(), also.end(), name) > 1)
      add("also", sdk::quoted(name) + " is named twice");
  const auto deadline = config.duration("progress_deadline", kProgressDeadline);
  add("progress_deadline", deadline >= kShortest && deadline <= kLongest ? "" : "must be between 10s and 24h");
  add("status_config_map", shared::kube::is_name(config.text("status_config_map")) ? "" : "is no name of a ConfigMap");
  add("kubeconfig", config.text("kubeconfig").starts_with('/') ? "" : "must be an absolute path");
  if (const sdk::Config* verify = config.find("verify")) {
    for (auto& issue : oci::check_verify(*verify)) issues.push_back(std::move(issue));
  }
  return issues;
}

sdk::Result<std::unique_ptr<sdk::Installer>> make(sdk::Host& host, const sdk::Config& config) {
  auto workload = parse_workload(config.text("workload"));
  if (!workload) return sdk::fail(workload.error());
  Settings settings;
  settings.workload = std::move(*workload);
  settings.space = config.text("namespace");
  settings.container = config.text("container");
  settings.image = config.text("image");
  settings.also = config.texts("also");
  settings.tag = config.text("tag");
  settings.progress_deadline = config.duration("progress_deadline", kProgressDeadline);
  settings.status_config_map = config.text("status_config_map");
  const sdk::Config* verify = config.find("verify");
  return std::make_unique<KubernetesInstaller>(host, std::move(settings), shared::kube::access_for(host, config),
                                               oci::read_verify(verify ? *verify : sdk::Config()));
}

}  // namespace

constinit const sdk::Descriptor kDescriptor = {
    .name = "kubernetes",
    .summary = "keeps a workload in a Kubernetes cluster at the channel's version",
    .keys = kKeys,
    .check = &check,
    .make = &make,
    .proves_health = true,
};

}  // namespace upkeep::plugins::kubernetes
