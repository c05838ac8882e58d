// SPDX-License-Identifier: Apache-2.0
// image-check IMAGE [NAME=VALUE…] asks what an installer asks before it deploys an image, with the real outside. NAME is one of the keys of
// [installer.verify] (lists: once for each entry), or digest, the release's. Prints the image to deploy, or "CODE: why not" and ends
// with 1.

#include <cstdio>
#include <optional>
#include <string>

#include "io/host.h"
#include "io/io.h"
#include "io/log.h"
#include "shared/oci/verify.h"
#include "support/real_loop.h"

namespace {

using namespace upkeep;

void set(sdk::Config::Table& table, const std::string& name, const std::string& value) {
  for (const auto& key : oci::kVerifyKeys) {
    if (key.name != name) continue;
    if (key.type == sdk::KeyType::flag) table[name] = sdk::Config(value == "true");
    if (key.type == sdk::KeyType::text) table[name] = sdk::Config(value);
    if (key.type != sdk::KeyType::text_list) continue;
    auto& list = table.try_emplace(name, sdk::Config(sdk::Config::Array())).first->second.value();
    std::get<sdk::Config::Array>(list).emplace_back(value);
  }
}

int refuse(const std::string& text) {
  std::puts(text.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  sdk::Config::Table table;
  std::optional<std::string> digest;
  for (int i = 2; i < argc; ++i) {
    const std::string word = argv[i], name = word.substr(0, word.find('='));
    if (name == "digest") digest = word.substr(name.size() + 1);
    set(table, name, word.substr(name.size() + 1));
  }
  const sdk::Config config(table);
  for (const auto& issue : oci::check_verify(config)) return refuse("config: " + issue.path + " " + issue.message);
  auto wanted = oci::parse_reference(argv[1]);
  if (!wanted) return refuse(wanted.error().message);

  test::RealLoop loop;
  io::Io outside(loop.executor(), "");
  io::Log log({});
  io::RealHost host(outside, log, "");
  oci::Verifier verifier(host, oci::read_verify(config));
  const auto image = loop.run(verifier.trusted_image(std::move(*wanted), digest));
  if (!image) return refuse(std::string(sdk::name(image.error().code)) + ": " + image.error().message);
  std::puts(image->c_str());
  return 0;
}
