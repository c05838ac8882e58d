// SPDX-License-Identifier: Apache-2.0
// How a workload gets other images: asked with a dry run, done with one conditional patch, and put back the same way.
#include <algorithm>
#include <utility>

#include "installer/kubernetes/installer.h"
#include "sdk/text.h"

namespace upkeep::plugins::kubernetes {

using sdk::Errc;
using sdk::fail;
using sdk::Result;
using sdk::Task;
using shared::kube::Answer;
using shared::kube::Write;

namespace {

constexpr std::size_t kLongestVersion = 600;  // bytes: a version and an image's name; a note has a KiB
constexpr int kConflicts = 10;                // a rollout that goes on changes the object's version every second

Json annotations_of(const sdk::Change& change, const Images& images) {
  Json out = {{kOperationAnnotation, change.operation}};
  out[std::string(kVersionAnnotation)] = change.target ? Json(version_annotation(*change.target, images.main)) : Json(nullptr);
  return out;
}

// The same change on the whole object, for a PUT.
Json with_images(Json object, const std::vector<Container>& images, const Json& annotations) {
  for (Json& container : object["spec"]["template"]["spec"]["containers"]) {
    for (const auto& one : images) {
      if (shared::kube::text_at(container, "/name") == one.name) container["image"] = one.image;
    }
  }
  Json& table = object["metadata"]["annotations"];
  if (!table.is_object()) table = Json::object();
  table.merge_patch(annotations);
  return object;
}

}  // namespace

sdk::Error passing(sdk::Error error) {
  if (error.code == Errc::denied) error.code = Errc::transient;
  return error;
}

sdk::Error unseen(sdk::Error error) {
  if (error.code == Errc::denied || error.code == Errc::invalid) error.code = Errc::transient;
  return error;
}

Task<Result<std::string>> KubernetesInstaller::image_for(const sdk::Change& change, const std::string& today, const std::string& base) {
  const auto now = oci::parse_reference(today);
  auto wanted = oci::parse_reference(base.empty() ? today : base);
  if (!wanted) co_return fail(Errc::invalid, wanted.error().message + (base.empty() ? "; `image` names the repository to use" : ""));
  wanted->tag = tag_of(settings_.tag, *change.target, now ? now->tag : std::string());
  wanted->digest.clear();
  if (!oci::is_tag(wanted->tag))
    co_return fail(Errc::invalid, sdk::quoted(wanted->tag) + " cannot be an image's tag" +
                                      (wanted->tag.find('+') == std::string::npos ? "" : ": build metadata (+…) cannot be in one"));
  std::optional<std::string> digest;
  for (const auto& [repository, said] : change.images) {
    const auto named = oci::parse_reference(repository);
    if (named && named->same_repository(*wanted)) digest = said;
  }
  if (!change.images.empty() && !digest)
    co_return fail(Errc::denied, "the release says which bytes its images have, and names none of " + wanted->registry + "/" +
                                     wanted->repository + ": let the channel's document name it (`upkeep channel set --image`)");
  co_return co_await verifier_.trusted_image(std::move(*wanted), std::move(digest));
}

Task<Result<Images>> KubernetesInstaller::images_for(const sdk::Change& change, const Json& workload) {
  auto now = images_of(workload);
  if (!now) co_return fail(now.error());
  Images out;
  auto main = co_await image_for(change, now->main, settings_.image);
  if (!main) co_return fail(main.error());
  out.main = std::move(*main);
  const std::string own_repository;
  for (const auto& other : now->also) {
    auto image = co_await image_for(change, other.image, own_repository);
    if (!image) co_return fail("container " + other.name, image.error());
    out.also.push_back({other.name, std::move(*image)});
  }
  co_return out;
}

Task<Answer<Json>> KubernetesInstaller::write(const Json& workload, const std::vector<Container>& images, const Json& annotations,
                                              Write how) {
  Json list = Json::array();
  for (const auto& one : images) list.push_back({{"name", one.name}, {"image", one.image}});
  Json patch;
  patch["metadata"] = {{"resourceVersion", resource_version(workload)}, {"annotations", annotations}};
  if (!images.empty()) patch["spec"]["template"]["spec"]["containers"] = std::move(list);
  auto written = co_await api_.patch(resource_, shared::kube::Patch::strategic, std::move(patch), how);
  // Roles made for older updaters let an object be replaced, but not patched.
  if (written || !written.error().is(403)) co_return written;
  auto whole = with_images(workload, images, annotations);
  auto replaced = co_await api_.replace(resource_, std::move(whole), how);
  if (!replaced && replaced.error().is(403)) co_return written;
  co_return replaced;
}

Task<Result<bool>> KubernetesInstaller::exchange(Images from, Images to, Json annotations, Write how) {
  for (int conflicts = 0;; ++conflicts) {
    auto workload = co_await read_existing();
    if (!workload) co_return fail(workload.error());
    const auto now = images_of(*workload);
    if (!now) co_return fail(now.error());
    if (how == Write::real && now->text() == to.text()) co_return true;
    if (now->text() != from.text()) co_return false;
    const auto containers = containers_of(*workload, to);
    if (!containers) co_return fail(containers.error());
    const auto written = co_await write(*workload, *containers, annotations, how);
    if (written) {
      const auto stored = images_of(*written);
      if (stored && stored->text() == to.text()) co_return true;
      co_return fail(Errc::denied, "an admission webhook or policy of the cluster makes it " +
                                       (stored ? sdk::quoted(stored->text(), 300) : "something else: " + stored.error().message) +
                                       ": exempt this workload, or let `image` name what is stored");
    }
    if (!written.error().is(409) || conflicts == kConflicts) co_return fail(written.error().error);
    constexpr int kLongestPause = 500;
    const sdk::Millis pause(1 + static_cast<int>(host_.random().unit() * kLongestPause));
    co_await host_.clock().sleep_for(pause);
  }
}

Task<Result<sdk::Plan>> KubernetesInstaller::prepare(const sdk::Change& change) {
  auto workload = co_await read_existing();
  if (!workload) co_return fail(workload.error());
  if (auto why = not_rolling(*workload, settings_.workload.kind); !why.empty())
    co_return fail(Errc::denied, resource_.shown() + ": " + why);
  const auto from = images_of(*workload);
  if (!from) co_return fail(from.error());
  if (from->text() != change.from)
    co_return fail(Errc::transient, "the image is " + sdk::quoted(from->text(), 200) + " now; somebody has just changed it");
  auto to = co_await images_for(change, *workload);
  if (!to) co_return fail(to.error());
  auto annotations = annotations_of(change, *to);
  const auto tried = co_await exchange(*from, *to, std::move(annotations), Write::dry);
  if (!tried) co_return fail("the API server would not take the change", tried.error());
  if (!*tried) co_return fail(Errc::transient, "somebody has just changed the image");

  sdk::Plan plan;
  plan.to = to->text();
  const auto before = containers_of(*workload, *from), after = containers_of(*workload, *to);
  for (std::size_t i = 0; i < after->size(); ++i)
    plan.items.push_back({resource_.shown() + " (" + after->at(i).name + ")", before->at(i).image, after->at(i).image});
  co_return plan;
}

Task<Result<void>> KubernetesInstaller::apply(const sdk::Change& change, sdk::Note& note, const std::string& last_note) {
  const auto from = parse_images(change.from), to = parse_images(change.to);
  if (!from || !to)
    co_return fail(Errc::internal, "the journal names no images: " + sdk::quoted(change.from) + " " + sdk::quoted(change.to));
  if (last_note.empty()) {  // what the annotation said before, for an image whose tag says nothing
    auto workload = co_await read_existing();
    if (!workload) co_return fail(unseen(workload.error()));
    auto before = annotation(*workload, kVersionAnnotation).value_or("");
    if (before.size() > kLongestVersion) before.clear();  // none of ours
    before.insert(0, "version=");
    if (auto noted = co_await note.write(std::move(before)); !noted) co_return fail(noted.error());
  }
  auto annotations = annotations_of(change, *to);
  const auto done = co_await exchange(*from, *to, std::move(annotations), Write::real);
  if (!done) co_return fail(passing(done.error()));
  if (!*done) co_return fail(Errc::transient, "somebody has changed the image meanwhile");
  co_return Result<void>();
}

Task<Result<sdk::Verified>> KubernetesInstaller::verify(const sdk::Change& change, const std::string& /*last_note*/) {
  while (true) {
    auto workload = co_await read();
    if (!workload) co_return fail(unseen(workload.error()));
    sdk::Verified out;
    if (!*workload) {
      out.standing = sdk::Standing::elsewhere;
      out.detail = resource_.shown() + " does not exist any more";
      co_return out;
    }
    auto images = images_of(**workload);
    if (!images) co_return fail(images.error());
    out.version = images->text();
    out.standing = out.version == change.to     ? sdk::Standing::target
                   : out.version == change.from ? sdk::Standing::baseline
                                                : sdk::Standing::elsewhere;
    if (out.standing != sdk::Standing::baseline) co_return out;
    const auto alone = co_await fend_off(**workload, change.operation);
    if (!alone) co_return fail(alone.error());
    if (*alone) co_return out;
  }
}

// Whoever had sent it, this daemon or the one before it: it was conditional on the object that is marked now.
Task<Result<bool>> KubernetesInstaller::fend_off(const Json& workload, const std::string& operation) {
  if (annotation(workload, kOperationAnnotation) == operation) co_return true;  // it has been made, and undone
  const std::vector<Container> no_images;
  const Json mark = {{kOperationAnnotation, operation}};
  const auto marked = co_await write(workload, no_images, mark, Write::real);
  if (marked) co_return true;
  if (marked.error().is(409)) co_return false;
  if (marked.error().unknown()) co_return fail(Errc::transient, marked.error().error.message);
  co_return true;  // who is refused this was refused the other, too
}

Task<Result<void>> KubernetesInstaller::revert(const sdk::Change& change, sdk::Note& note, const std::string& last_note) {
  const auto back = parse_images(change.from);
  if (!back) co_return fail(Errc::unsupported, "there was no image before that could be put back");
  constexpr std::string_view kNoted = "version=";
  const std::string version = last_note.starts_with(kNoted) ? last_note.substr(kNoted.size()) : "";
  Json annotations = {{kOperationAnnotation, change.operation}};
  annotations[std::string(kVersionAnnotation)] = version.empty() ? Json(nullptr) : Json(version);
  // `to` is empty when prepare never came to it: then nothing has been changed.
  const auto bad = change.to.empty() ? back : parse_images(change.to);
  if (!bad) co_return fail(bad.error());
  const auto done = co_await exchange(*bad, *back, std::move(annotations), Write::real);
  if (!done) co_return fail(passing(done.error()));
  if (!*done) co_return fail(Errc::invalid, "somebody else has set another image meanwhile, which is left alone");
  co_return co_await follow_back(*bad, *back, note);
}

}  // namespace upkeep::plugins::kubernetes
