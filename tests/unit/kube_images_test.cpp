// SPDX-License-Identifier: Apache-2.0
// Which version an image has, and which tag a version has.
#include "installer/kubernetes/images.h"

#include <gtest/gtest.h>

namespace upkeep::test {
namespace {

namespace k8s = plugins::kubernetes;

std::string spelled(const std::optional<sdk::Version>& version) { return version ? version->str() : "none"; }

TEST(ImageVersion, IsThatOfTheTagElseOfTheAnnotationOfThisVeryImage) {
  const std::string digest = "@sha256:" + std::string(64, 'a');
  struct Row {
    std::string tag_template, image;
    std::optional<std::string> said;
    std::string want;
  };
  for (const Row& row : {
           Row{"", "r.test/app:1.2.3", std::nullopt, "1.2.3"},
           Row{"", "r.test/app:v1.2.3", std::nullopt, "1.2.3"},
           Row{"", "r.test/app:1.2.3" + digest, std::nullopt, "1.2.3"},  // a digest beside a tag does not count
           Row{"", "r.test/app:1.2.3-rc.1", std::nullopt, "1.2.3-rc.1"},
           Row{"", "r.test/app:latest", std::nullopt, "none"},
           Row{"", "r.test/app" + digest, std::nullopt, "none"},
           Row{"", "r.test/app", std::nullopt, "none"},
           Row{"", "r.test/app" + digest, "1.2.3 r.test/app" + digest, "1.2.3"},
           Row{"", "r.test/app" + digest, "1.2.3 r.test/app:latest", "none"},  // about another image
           Row{"", "r.test/app" + digest, "nonsense", "none"},
           Row{"", "r.test/app:1.2.3", "9.9.9 r.test/app:1.2.3", "1.2.3"},  // the tag says it
           Row{"{version}-alpine", "r.test/app:1.2.3-alpine", std::nullopt, "1.2.3"},
           Row{"{version}-alpine", "r.test/app:1.2.3", std::nullopt, "none"},
           Row{"v{version}", "r.test/app:v1.2.3", std::nullopt, "1.2.3"},
           Row{"x{version}x", "r.test/app:x", std::nullopt, "none"},
           Row{"", "no image at all", std::nullopt, "none"},
       })
    EXPECT_EQ(spelled(k8s::version_of(row.tag_template, row.image, row.said)), row.want) << row.image;
}

TEST(ImageTag, SpellsAVersionAsTheOneOfTodayOrAsConfigured) {
  const auto version = sdk::Version::parse("2.0.0").value();
  EXPECT_EQ(k8s::tag_of("", version, "1.2.3"), "2.0.0");
  EXPECT_EQ(k8s::tag_of("", version, "v1.2.3"), "v2.0.0");
  EXPECT_EQ(k8s::tag_of("", version, "vnext"), "2.0.0");
  EXPECT_EQ(k8s::tag_of("", version, ""), "2.0.0");
  EXPECT_EQ(k8s::tag_of("{version}-alpine", version, "v1.2.3"), "2.0.0-alpine");
}

TEST(ImagesText, IsReadAsItWasWritten) {
  for (const char* text : {"r.test/app:1.2.3", "r.test/app:1.2.3 helper=r.test/h:1.2.3 log=r.test/l:1.2.3"}) {
    const auto images = k8s::parse_images(text);
    ASSERT_TRUE(images) << text;
    EXPECT_EQ(images->text(), text);
  }
  EXPECT_EQ(k8s::parse_images("a:1 b=c:1")->also.at(0).image, "c:1");
  for (const char* bad : {"", " a", "a b", "a =b", "a b=", "a B=c", "a b=c ", "a  b=c"}) EXPECT_FALSE(k8s::parse_images(bad)) << bad;
}

}  // namespace
}  // namespace upkeep::test
