// SPDX-License-Identifier: Apache-2.0
// "OBJECT\n%%\nPOD\n%%\nSTATUS\n%%\nKUBECONFIG\n%%\nIMAGES": what an API server sends, and what people write to reach it. Nothing that is
// missing or of another type is read, no share of pods is more than there are, what is told of them is short, a kubeconfig leads to https
// only, and an exact version is read as it was written.
#include <algorithm>

#include "fuzz/fuzz.h"
#include "installer/kubernetes/images.h"
#include "installer/kubernetes/rollout.h"
#include "shared/kube/failure.h"
#include "shared/kube/kubeconfig.h"

using namespace upkeep;
using namespace upkeep::plugins;
using namespace upkeep::plugins::kubernetes;

namespace {

constexpr std::size_t kShort = 3000;

void check_workload(const std::string& text) {
  const auto object = shared::kube::parse_object(text);
  if (!object) {
    FUZZ_CHECK(fuzz::one_printable_line(object.error().message), object.error().message);
    return;
  }
  for (const Kind kind : {Kind::deployment, Kind::stateful_set, Kind::daemon_set}) {
    const auto rollout = rollout_of(*object, kind);
    FUZZ_CHECK(fuzz::one_printable_line(rollout.text) && rollout.text.size() < 200, rollout.text);
    FUZZ_CHECK(!one_pod_survives(*object, kind) || wanted_pods(*object, kind) != 0, text);
    (void)not_rolling(*object, kind);
  }
  for (const char* configured : {"", "app"}) {
    const auto name = managed_container(*object, configured);
    FUZZ_CHECK(name || (fuzz::one_printable_line(name.error().message) && name.error().message.size() < kShort), text);
    if (!name) continue;
    FUZZ_CHECK(image_of(*object, *name), *name);
    (void)manager_of_image(*object, *name);
  }
  const auto labels = selector(*object);
  FUZZ_CHECK(!labels || !labels->empty(), text);
  (void)manager_of_annotation(*object, "upkeep.dev/force");
  const auto version = version_of("", "r.example.com/app@sha256:" + std::string(64, '1'), annotation(*object, kVersionAnnotation));
  FUZZ_CHECK(!version || text.find(std::to_string(version->major())) != std::string::npos || text.find('\\') != std::string::npos, text);
}

void check_pod(const std::string& text) {
  const auto object = shared::kube::parse_object(text);
  if (!object) return;
  const Pod pod = read_pod(*object);
  (void)is_healthy(pod, sdk::TimePoint());
  std::vector<Container> images;
  for (const auto& [name, image] : pod.images) images.push_back({name, image});
  const auto trouble = trouble_of({pod}, images);
  FUZZ_CHECK(trouble.all.size() <= 20, text);
  FUZZ_CHECK(pod.deleting || trouble.crash.empty() == pod.crash.empty(), text);
}

void check_status(const std::string& text) {
  for (const int code : {401, 403, 409, 410, 429, 500}) {
    sdk::HttpResponse response;
    response.status = code;
    response.body = text;
    const auto failure = shared::kube::failure_of(response, "patch deployment default/web", sdk::TimePoint());
    FUZZ_CHECK(failure.is(code) && failure.reason.size() <= 64, text);
    FUZZ_CHECK(fuzz::one_printable_line(failure.error.message) && failure.error.message.size() < 700, failure.error.message);
    FUZZ_CHECK(!failure.error.retry_after || *failure.error.retry_after <= std::chrono::hours(1), text);
  }
}

void check_kubeconfig(const std::string& text) {
  const auto config = shared::kube::parse_kubeconfig(text, "/etc/kube/");
  if (!config) {
    FUZZ_CHECK(fuzz::one_printable_line(config.error().message) && config.error().message.size() < 400, config.error().message);
    return;
  }
  FUZZ_CHECK(config->credentials.server.starts_with("https://") && !config->credentials.server.ends_with('/'), config->credentials.server);
  FUZZ_CHECK(config->credentials.token.empty() || shared::kube::is_token(config->credentials.token), text);
  for (const auto* file : {&config->ca_file, &config->token_file, &config->client_cert_file, &config->client_key_file})
    FUZZ_CHECK(file->empty() || file->starts_with('/'), *file);
}

void check_images(const std::string& text) {
  if (const auto images = parse_images(text)) FUZZ_CHECK(images->text() == text, text);
  if (const auto workload = parse_workload(text)) FUZZ_CHECK(shared::kube::is_name(workload->name), text);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto parts = fuzz::parts_of(fuzz::text_of(data, size));
  parts.resize(5);
  check_workload(parts[0]);
  check_pod(parts[1]);
  check_status(parts[2]);
  check_kubeconfig(parts[3]);
  check_images(parts[4]);
  return 0;
}
