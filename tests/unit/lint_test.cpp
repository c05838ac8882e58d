// SPDX-License-Identifier: Apache-2.0
// No co_await that g++ 12 miscompiles gets into the tree; and the lint that says so knows good from bad.

#include <gtest/gtest.h>

#include "support/co_await_lint.h"
#include "support/source_tree.h"

namespace upkeep::test {
namespace {

std::string first_finding(std::string_view cpp) {
  auto findings = lint_co_await(cpp);
  return findings.empty() ? "" : findings.front().what;
}

TEST(CoAwaitLint, FlagsABracedArgument) {
  for (const char* bad :
       {"co_await get(Req{.url = u});", "co_await get(Req{u});", "co_await get({.url = u});", "co_await f({\"a\", \"b\"});",
        "co_await get(Req(u, {}));", "co_await f(std::vector<int>{1});", "auto r = co_await host.http().fetch(HttpRequest{url});",
        "if (auto r = co_await get(Req{u}); r) {}", "co_return co_await get(Req{u});", "co_await a(b(c(D{})));",
        "co_await (a() || get(Req{u}));", "co_await Awaiter{x};", "co_await\n  get(\n    Req{u});"}) {
    EXPECT_EQ(first_finding(bad), "a braced value") << bad;
  }
}

TEST(CoAwaitLint, FlagsALambdaWithCaptures) {
  for (const char* bad :
       {"co_await run([&] { return 1; });", "co_await run([this]() {});", "co_await [x]() -> Task<int> { co_return x; }();",
        "co_await run(a, [=](int i) mutable { return i; });", "co_await run(std::function<void()>([x = 1] {}));"}) {
    EXPECT_EQ(first_finding(bad), "a lambda with captures") << bad;
  }
}

TEST(CoAwaitLint, FlagsConditionalsAroundAndWithin) {
  for (const char* bad : {"auto r = c ? co_await a() : co_await b();", "f(c ? 1 : co_await b());", "co_return x > (1) ? co_await a() : y;",
                          "auto r = (c ? co_await a() : y);"}) {
    EXPECT_EQ(first_finding(bad), "?: around co_await") << bad;
  }
  EXPECT_EQ(first_finding("co_await f(c ? a : b);"), "?: within co_await");
}

TEST(CoAwaitLint, LetsNamesLiteralsMovesAndCallsPass) {
  for (const char* good :
       {"co_await get(request);", "co_await get(std::move(request));", "co_await get(\"text\" + name, 5, make(1, 2));",
        "co_return Aggregate{1, 2};", "if (auto r = co_await get(x)) { use(Req{x}); }", "while (co_await next()) { Req r{1}; }",
        "for (auto& x : co_await all()) { f(Req{x}); }", "(co_await x()).map([&](int v) { return Req{v}; });", "co_await (a() || b());",
        "co_await run([] { return Req{1}; });", "co_await run([]() -> Task<int> { co_return 1; }, x);",
        "co_await f(items[i], table[\"key\"]);", "Req r{1}; co_await f(r);", "auto v = c ? a : b; co_await f(v);",
        "if (c ? a : b) co_await f();", "x = y[c ? 1 : 2]; co_await f();", "auto run = [this] { return 1; }; co_await f(run);",
        "co_await f(1'000'000, '{');", "case 1: co_await f(); break;"}) {
    EXPECT_EQ(first_finding(good), "") << good;
  }
}

TEST(CoAwaitLint, IgnoresCommentsAndStrings) {
  for (const char* good :
       {"// co_await f(Req{1});\nint x;", "/* co_await f(Req{1}); */", "log(\"co_await f(Req{1});\");", "co_await f(\"Req{1} ? [x]{}\");",
        "co_await f(x /* Req{1} */, // [y]{}\n y);", "co_await f(R\"(Req{1}\" ? )\", R\"x(}){)x\");",
        "auto q = '\"'; co_await f('{', '\\'');", "co_await f(\"a\\\"Req{1}\\\\\");"}) {
    EXPECT_EQ(first_finding(good), "") << good;
  }
  EXPECT_EQ(first_finding("auto q = '\"'; co_await f(Req{1}); // \""), "a braced value");
  EXPECT_EQ(first_finding("auto n = 1'000; co_await f(Req{1}); auto m = 2'000;"), "a braced value");
}

TEST(CoAwaitLint, SaysTheLineOfEachFinding) {
  auto findings = lint_co_await("int a;\n\n  co_await f(Req{1});\nco_await g(x);\n/* \n */ co_await h([x] { co_await f({}); });\n");
  ASSERT_EQ(findings.size(), 3U);
  EXPECT_EQ(findings[0].line, 3);
  EXPECT_EQ(findings[1].line, 6);
  EXPECT_EQ(findings[1].what, "a lambda with captures");
  EXPECT_EQ(findings[2].what, "a braced value");
}

TEST(CoAwaitLint, SurvivesTornCode) {
  for (const char* torn : {"co_await", "co_await f(", "co_await f([", "co_await f([]", "co_await f([](", "\"", "'", "/*", "R\"", "R\"x(",
                           "co_await ]", "\"\\"}) {
    EXPECT_LE(lint_co_await(torn).size(), 1U) << torn;
  }
}

TEST(CoAwaitLint, TheTreeIsClean) {
  int seen = 0;
  for (const SourceFile& file : source_files(source_dir())) {
    if (!is_cpp(file)) continue;
    seen += file.text.find("co_await") != std::string::npos ? 1 : 0;
    for (const LintFinding& finding : lint_co_await(file.text)) {
      ADD_FAILURE() << file.path << ":" << finding.line << ": " << finding.what
                    << " in a co_await expression: g++ 12 miscompiles it, give it a name first";
    }
  }
  EXPECT_GT(seen, 5) << "the lint looked at the wrong folder";
}

}  // namespace
}  // namespace upkeep::test
