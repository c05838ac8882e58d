// SPDX-License-Identifier: Apache-2.0
// The strict reader: what it takes, and that it takes nothing else.

#include <gtest/gtest.h>

#include "shared/xml/xml.h"

namespace upkeep::shared::xml {
namespace {

TEST(Xml, ReadsElementsAttributesTextAndEntities) {
  const auto root = parse_xml("<?xml version='1.0'?>\n<a x='1' y-z=\"&lt;&amp;&gt;&quot;&apos;\">one<b/>two<c>\n<b w=\"\"/></c ></a>\n");
  ASSERT_TRUE(root) << root.error().message;
  EXPECT_EQ(root->name, "a");
  EXPECT_EQ(*root->attribute("x"), "1");
  EXPECT_EQ(*root->attribute("y-z"), "<&>\"'");
  EXPECT_EQ(root->attribute("z"), nullptr);
  EXPECT_EQ(root->text, "onetwo");
  EXPECT_EQ(root->all("b").size(), 2U);
}

TEST(Xml, ReadsCharactersByNumberAndNamesWithAPrefix) {
  const auto root = parse_xml("<e:a xmlns:e='x'>&#34;&#x41;&#xe9;&#x1234;&#x1F600;</e:a>");
  ASSERT_TRUE(root) << root.error().message;
  EXPECT_EQ(root->name, "e:a");
  EXPECT_EQ(root->text, "\"A\u00e9\u1234\U0001F600");
}

TEST(Xml, FindsOnlyItsOwnChildren) {
  const auto root = parse_xml("<a><b><c>deep</c></b><c>1</c><c>2</c></a>");
  ASSERT_TRUE(root) << root.error().message;
  EXPECT_EQ(root->child("c")->text, "1");
  EXPECT_EQ(root->child("d"), nullptr);
}

TEST(Xml, RefusesWhatIsNotSound) {
  for (const char* text : {"",
                           "a",
                           "<a>",
                           "<a></b>",
                           "<a/><b/>",
                           "<a/>x",
                           "x<a/>",
                           "<a b/>",
                           "<a b=c/>",
                           "<a b=\"1\" b=\"2\"/>",
                           "<a b=\"1\"c=\"2\"/>",
                           "<a b=\"<\"/>",
                           "<a>&nope;</a>",
                           "<a>&#;</a>",
                           "<a>&#x;</a>",
                           "<a>&#0;</a>",
                           "<a>&#-1;</a>",
                           "<a>&#xd800;</a>",
                           "<a>&#x110000;</a>",
                           "<a>&#00000000065;</a>",
                           "<a>&#65</a>",
                           "<a>&amp</a>",
                           "<a><!-- x --></a>",
                           "<!DOCTYPE a><a/>",
                           "<a><![CDATA[x]]></a>",
                           "<1/>",
                           "<a",
                           "< a/>",
                           "<?xml",
                           "</a>"})
    EXPECT_FALSE(parse_xml(text)) << text;
}

TEST(Xml, SaysTheLine) { EXPECT_EQ(parse_xml("<a>\n<b>\n</a>\n").error().message, "its XML cannot be read, line 3"); }

TEST(Xml, BoundsDepthAndNumber) {
  const auto nested = [](int depth) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += "<a>";
    for (int i = 0; i < depth; ++i) text += "</a>";
    return text;
  };
  EXPECT_TRUE(parse_xml(nested(17)));
  EXPECT_FALSE(parse_xml(nested(18)));
  EXPECT_FALSE(parse_xml(nested(100'000)));
  std::string many = "<a>";
  for (int i = 0; i < 40'000; ++i) many += "<b/>";
  EXPECT_FALSE(parse_xml(many + "</a>"));
  const auto attributes = [](int count) {
    std::string text = "<a";
    for (int i = 0; i < count; ++i) text += " a" + std::to_string(i) + "=''";
    return text + "/>";
  };
  EXPECT_TRUE(parse_xml(attributes(64)));
  EXPECT_FALSE(parse_xml(attributes(65))) << "each is compared with those before it";
}

}  // namespace
}  // namespace upkeep::shared::xml
