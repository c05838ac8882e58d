// SPDX-License-Identifier: Apache-2.0
// One repository over a scripted web server: what is asked, who one says one is to whom, and which answers are believed.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

#include "sdk/base64.h"
#include "shared/oci/repository.h"
#include "support/oci_registry.h"

namespace upkeep::test {
namespace {

using oci::Repository;
using std::chrono::seconds;

const std::string kManifest = R"({"schemaVersion":2,"layers":[]})", kManifestDigest = oci::digest_of(kManifest);
const std::string kHome = "https://r.example.com/v2/team/app", kTagUrl = kHome + "/manifests/1.0";
const std::string kAuths = R"({"auths":{"r.example.com":{"auth":"bWU6U0VDUkVUcHc="}}})";  // me:SECRETpw
const std::string kBearer = R"(Bearer realm="https://auth.example.com/token",service="the registry")";
const std::string kTokenUrl = "https://auth.example.com/token?scope=repository%3Ateam%2Fapp%3Apull&service=the%20registry";

class OciRepository : public testing::Test {
 protected:
  PluginHost host_;
  oci::RegistrySettings settings_;
  OciRegistry registry_{host_.web};

  std::string tag_said(const std::string& image = "r.example.com/team/app:1.0", const std::string& name = "1.0") {
    Repository repository(host_, settings_, oci::parse_reference(image).value(), host_.boot + seconds(60));
    const auto found = run_task(repository.manifest(name));
    if (!found) return std::string(sdk::name(found.error().code)) + ": " + found.error().message;
    return *found ? (*found)->digest : "nothing";
  }
  void with_credentials() {
    settings_.docker_config = "/etc/docker.json";
    host_.contents.insert_or_assign("/etc/docker.json", kAuths);
  }
  void ask_for(const std::string& challenge) { host_.web.answer(kTagUrl, 401, "", {{"www-authenticate", challenge}}); }
  [[nodiscard]] std::string sent_to(const std::string& url) const {
    std::string out;
    for (const auto& request : host_.web.requests) {
      const auto who = sent_header(request, "Authorization");
      if (request.url == url) out += (out.empty() ? "" : " | ") + (who.empty() ? "nobody" : who);
    }
    return out;
  }
  [[nodiscard]] bool asked(const std::string& part) const {
    return std::any_of(host_.web.requests.begin(), host_.web.requests.end(),
                       [&](const auto& request) { return request.url.find(part) != std::string::npos; });
  }
};

TEST_F(OciRepository, ATagIsTheDigestOfWhatItLeadsTo) {
  registry_.put_manifest("1.0", kManifest);
  EXPECT_EQ(tag_said(), kManifestDigest);
  const auto& request = host_.web.requests.at(0);
  EXPECT_EQ(sent_header(request, "Accept").find("application/vnd.oci.image.index.v1+json, "), 0U) << "of several platforms the index";
  EXPECT_EQ(sent_header(request, "Authorization"), "");
  EXPECT_EQ(request.plain, sdk::PlainHttp::never);
  EXPECT_EQ(request.max_redirects, 0);
  host_.web.forget(kTagUrl);
  host_.web.answer(kTagUrl, 200, kManifest, {{"content-type", "application/vnd.docker.distribution.manifest.v2+json; charset=utf-8"}});
  EXPECT_EQ(tag_said(), kManifestDigest) << "without the header, too";
}

TEST_F(OciRepository, DockersRegistryHasAnotherHost) {
  OciRegistry hub(host_.web, "https://registry-1.docker.io", "library/nginx");
  hub.put_manifest("1.0", kManifest);
  EXPECT_EQ(tag_said("nginx"), kManifestDigest);
}

TEST_F(OciRepository, AnAnswerThatIsNotWhatWasAskedForIsNotBelieved) {
  const std::string other = "sha256:" + std::string(64, '0');
  const auto said = [&](const std::string& name, int status, const std::string& body, const std::vector<sdk::HttpHeader>& headers) {
    const auto url = registry_.manifest_url(name);
    host_.web.forget(url);
    host_.web.answer(url, status, body, headers);
    const auto out = tag_said("r.example.com/team/app", name);
    return out.substr(0, out.find(url)) + out.substr(std::min(out.size(), out.find(url) + url.size()));
  };
  const sdk::HttpHeader type{"content-type", kOciManifestType};
  const std::string mismatch =
      "invalid: : the digest of what the registry sends is " + kManifestDigest + ", not the one that it is called by";
  EXPECT_EQ(said("1.0", 200, kManifest, {type, {"docker-content-digest", other}}), mismatch);
  EXPECT_EQ(said(other, 200, kManifest, {type}), mismatch);
  EXPECT_EQ(said(other, 200, kManifest, {type, {"docker-content-digest", other}}), mismatch);
  const std::string unknown = "invalid: : the answer is no manifest that is known here (OCI's, or docker's of schema 2)";
  EXPECT_EQ(said("1.0", 200, kManifest, {}), unknown);
  EXPECT_EQ(said("1.0", 200, "<html>", {{"content-type", "text/html"}}), unknown);
  EXPECT_EQ(said("1.0", 200, kManifest, {{"content-type", "application/vnd.docker.distribution.manifest.v1+prettyjws"}}), unknown);
  const std::string none = "invalid: : the answer is no JSON (or no UTF-8)";
  EXPECT_EQ(said("1.0", 200, "", {type}), none);
  EXPECT_EQ(said("1.0", 200, "a proxy's words", {type}), none);
  EXPECT_EQ(said("1.0", 200, "{}", {type}), "invalid: : the answer is no manifest: it has neither layers nor manifests");
  EXPECT_EQ(said("1.0", 200, R"({"mediaType":"a/b","layers":[]})", {type}),
            "invalid: : the answer is called \"" + std::string(kOciManifestType) + "\", and calls itself \"a/b\"");
  EXPECT_EQ(said("1.0", 404, "", {}), "nothing");
  EXPECT_EQ(said("1.0", 204, "", {}), "invalid: : the server answered with status 204");
  EXPECT_EQ(said("1.0", 500, "", {}), "transient: : the server answered with status 500");
  EXPECT_EQ(said("1.0", 403, R"({"errors":[{"code":"DENIED","message":"SECRET"}]})", {}),
            "denied: : the server answered with status 403 (DENIED): it does not let in who asks without credentials");
  EXPECT_EQ(said("1.0", 403, R"({"errors":[{"code":"SECRET"}]})", {}),
            "denied: : the server answered with status 403: it does not let in who asks without credentials");
}

TEST_F(OciRepository, ARegistryThatIsAskedTooOftenIsLeftAlone) {
  host_.web.answer(kTagUrl, 429, R"({"errors":[{"code":"TOOMANYREQUESTS"}]})", {{"retry-after", "90"}});
  EXPECT_EQ(tag_said(), "transient: " + kTagUrl + ": the server answered with status 429 and asks to wait 1m30s (TOOMANYREQUESTS)");
}

TEST_F(OciRepository, ABlobHasTheBytesOfItsDigest) {
  const auto digest = registry_.put_blob("bytes");
  Repository repository(host_, settings_, oci::parse_reference("r.example.com/team/app").value(), host_.boot + seconds(60));
  EXPECT_EQ(run_task(repository.blob(digest, 5)).value(), "bytes");
  EXPECT_EQ(host_.web.requests.at(0).max_body, 5U);
  host_.web.forget(registry_.blob_url(digest));
  host_.web.answer(registry_.blob_url(digest), 200, "other");
  EXPECT_EQ(run_task(repository.blob(digest, 5)).error().message,
            registry_.blob_url(digest) + ": the registry sends other bytes under that digest");
}

TEST_F(OciRepository, ATokenIsFetchedWithTheCredentialsAndUsedForAll) {
  with_credentials();
  ask_for(kBearer);
  registry_.put_manifest("1.0", kManifest);
  host_.web.answer(kTokenUrl, 200, R"({"token":"SECRETtoken"})");
  const auto blob = registry_.put_blob("bytes");
  Repository repository(host_, settings_, oci::parse_reference("r.example.com/team/app").value(), host_.boot + seconds(60));
  ASSERT_TRUE(run_task(repository.manifest("1.0")));
  ASSERT_TRUE(run_task(repository.blob(blob, 10)));
  EXPECT_EQ(sent_to(kTagUrl), "nobody | Bearer SECRETtoken");
  EXPECT_EQ(sent_to(kTokenUrl), "Basic bWU6U0VDUkVUcHc=");
  EXPECT_EQ(sent_to(registry_.blob_url(blob)), "Bearer SECRETtoken");
  EXPECT_EQ(host_.web.requests.size(), 4U);
}

TEST_F(OciRepository, ATokenThatHasExpiredIsFetchedAgainOnce) {
  host_.web.answer(kTokenUrl, 200, R"({"access_token":"first"})");
  host_.web.answer(kTokenUrl, 200, R"({"access_token":"second"})");
  ask_for(kBearer);
  host_.web.answer(kTagUrl, 200, kManifest, {{"content-type", kOciManifestType}});
  ask_for(kBearer);
  host_.web.answer(kTagUrl, 200, kManifest, {{"content-type", kOciManifestType}});
  ask_for(kBearer);
  Repository repository(host_, settings_, oci::parse_reference("r.example.com/team/app").value(), host_.boot + seconds(60));
  EXPECT_TRUE(run_task(repository.manifest("1.0")));
  EXPECT_TRUE(run_task(repository.manifest("1.0")));
  EXPECT_EQ(sent_to(kTokenUrl), "nobody | nobody");
  EXPECT_EQ(sent_to(kTagUrl), "nobody | Bearer first | Bearer first | Bearer second");
  EXPECT_EQ(run_task(repository.manifest("1.0")).error().code, sdk::Errc::denied) << "and not for ever";
}

TEST_F(OciRepository, AnIdentityTokenIsExchanged) {
  settings_.docker_config = "/etc/docker.json";
  host_.contents.insert_or_assign("/etc/docker.json", R"({"auths":{"r.example.com":{"identitytoken":"SECRET/id"}}})");
  ask_for(kBearer);
  registry_.put_manifest("1.0", kManifest);
  host_.web.answer("https://auth.example.com/token", 200, R"({"access_token":"t"})");
  EXPECT_EQ(tag_said(), kManifestDigest);
  const auto& request = host_.web.requests.at(1);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(
      request.body,
      "scope=repository%3Ateam%2Fapp%3Apull&service=the%20registry&grant_type=refresh_token&client_id=upkeep&refresh_token=SECRET%2Fid");
}

TEST_F(OciRepository, CredentialsNeverGoToAForeignRealm) {
  with_credentials();
  ask_for(R"(Bearer realm="https://evil.example.net/token")");
  EXPECT_EQ(tag_said(),
            "denied: " + kTagUrl +
                ": the token that it wants is not asked for: \"evil.example.net\" is no host of r.example.com; if that is as it "
                "should be, name it in token_hosts");
  EXPECT_FALSE(asked("evil"));
  settings_.token_hosts = {"evil.example.net"};
  EXPECT_NE(tag_said(), "");
  EXPECT_TRUE(asked("evil"));
}

TEST_F(OciRepository, APasswordIsSentOnlyWhenAskedFor) {
  with_credentials();
  ask_for("Basic realm=x");
  registry_.put_manifest("1.0", kManifest);
  EXPECT_EQ(tag_said(), kManifestDigest);
  EXPECT_EQ(sent_to(kTagUrl), "nobody | Basic bWU6U0VDUkVUcHc=");
}

TEST_F(OciRepository, WhoIsNotLetInIsToldWhy) {
  ask_for("Basic realm=x");
  EXPECT_EQ(tag_said(), "denied: " + kTagUrl + ": it wants a user and a password, and no docker_config is configured");
  with_credentials();
  EXPECT_EQ(tag_said(),
            "denied: " + kTagUrl + ": the server answered with status 401: it does not let in the credentials in /etc/docker.json");
  host_.contents.insert_or_assign("/etc/docker.json", "{}");
  EXPECT_EQ(tag_said(),
            "denied: " + kTagUrl + ": it wants a user and a password, and /etc/docker.json has none for r.example.com/team/app");
  host_.contents.clear();
  EXPECT_EQ(tag_said(), "denied: " + kTagUrl + ": credentials for r.example.com: /etc/docker.json does not exist");
  host_.contents.insert_or_assign("/etc/docker.json", R"({"credHelpers":{"r.example.com":"ecr-login"}})");
  EXPECT_EQ(tag_said().find("unsupported: " + kTagUrl + ": /etc/docker.json: has the program docker-credential-"), 0U);
  host_.web.forget(kTagUrl);
  ask_for("Negotiate");
  host_.contents.clear();
  settings_.docker_config.clear();
  EXPECT_EQ(tag_said(), "unsupported: " + kTagUrl + ": the registry answers 401 and asks neither for a token nor for a password");
}

TEST_F(OciRepository, WhatATokenServerSaysIsHeldAgainstIt) {
  with_credentials();
  ask_for(kBearer);
  const std::string place = "https://auth.example.com/token", of = "invalid: " + kTagUrl + ": the token that it wants: ";
  const auto said = [&](int status, const std::string& body) {
    host_.web.forget(kTokenUrl);
    host_.web.answer(kTokenUrl, status, body);
    return tag_said();
  };
  EXPECT_EQ(said(401, ""), "denied: " + kTagUrl + ": the token that it wants: " + place +
                               ": the server answered with status 401: it does not let in the credentials in /etc/docker.json");
  EXPECT_EQ(said(503, ""), "transient: " + kTagUrl + ": the token that it wants: " + place + ": the server answered with status 503");
  EXPECT_EQ(said(302, ""), of + place + ": the server answered with status 302");
  EXPECT_EQ(said(200, "SECRET"), of + "the answer of " + place + ": is no JSON (or no UTF-8)");
  const std::string none = of + "the answer of " + place + " has none";
  for (const char* body : {"{}", R"({"token":""})", R"({"token":7})", R"({"token":"SEC RET"})", R"({"token":"SEC\r\nX: y"})"})
    EXPECT_EQ(said(200, body), none) << body;
}

TEST_F(OciRepository, ElsewhereNobodyIsToldWhoAsks) {
  with_credentials();
  ask_for("Basic realm=x");
  host_.web.answer(kTagUrl, 307, "", {{"location", "https://store.example.net/a?X-Signature=SIGNED"}});
  host_.web.answer("https://store.example.net/a?X-Signature=SIGNED", 302, "", {{"location", "/b"}});
  host_.web.answer("https://store.example.net/b", 200, kManifest, {{"content-type", kOciManifestType}});
  EXPECT_EQ(tag_said(), kManifestDigest);
  EXPECT_EQ(sent_to("https://store.example.net/a?X-Signature=SIGNED"), "nobody");
  EXPECT_EQ(sent_to("https://store.example.net/b"), "nobody");
}

TEST_F(OciRepository, WithinTheRegistryARedirectKeepsWhoAsks) {
  with_credentials();
  ask_for("Basic realm=x");
  host_.web.answer(kTagUrl, 301, "", {{"location", "/v2/team/app/manifests/one"}});
  host_.web.answer(kHome + "/manifests/one", 200, kManifest, {{"content-type", kOciManifestType}});
  EXPECT_EQ(tag_said(), kManifestDigest);
  EXPECT_EQ(sent_to(kHome + "/manifests/one"), "Basic bWU6U0VDUkVUcHc=");
}

TEST_F(OciRepository, ARefusalElsewhereAsksNothingOfUs) {
  with_credentials();
  host_.web.answer(kTagUrl, 307, "", {{"location", "https://evil.example.net/x"}});
  host_.web.answer("https://evil.example.net/x", 401, "", {{"www-authenticate", "Basic realm=x"}});
  EXPECT_EQ(tag_said(), "denied: " + kTagUrl + ": sends to \"evil.example.net\", which refuses (status 401)");
  EXPECT_EQ(host_.web.requests.size(), 2U);
}

TEST_F(OciRepository, ARedirectIsFollowedToHttpsOnlyAndNotForEver) {
  const auto said = [&](const std::string& location) {
    host_.web.forget(kTagUrl);
    host_.web.answer(kTagUrl, 307, "", {{"location", location}});
    return tag_said();
  };
  const std::string no_https = "invalid: " + kTagUrl + ": sends elsewhere, but not to an https address";
  for (const char* bad : {"", "http://r.example.com/x", "//evil.example.net/x", "file:///etc/passwd", "x"})
    EXPECT_EQ(said(bad), no_https) << bad;
  EXPECT_EQ(said("/" + std::string(2000, 'x')), "invalid: " + kTagUrl + ": sends elsewhere, to an address of 2001 characters");
  const std::string signed_one = "https://cdn.example.net/blob";
  host_.web.answer(signed_one + "?X-Amz-Signature=SECRET", 301, "");
  EXPECT_EQ(said(signed_one + "?X-Amz-Signature=SECRET"), "invalid: " + signed_one + ": sends elsewhere, but not to an https address");
  host_.web.requests.clear();
  EXPECT_EQ(said(kTagUrl), "invalid: " + kTagUrl + ": more than 5 redirects");
  EXPECT_EQ(host_.web.requests.size(), 6U);
}

TEST_F(OciRepository, NoErrorRepeatsASecret) {
  with_credentials();
  ask_for("Basic realm=x");
  host_.web.fail(kTagUrl, sdk::Errc::transient, "cannot reach SECRETpw.example.com");
  EXPECT_EQ(tag_said(), "invalid: " + kTagUrl + ": the answer repeats a credential");
}

TEST_F(OciRepository, PlainHttpIsForThisHost) {
  settings_.plain_http = true;
  OciRegistry here(host_.web, "http://127.0.0.1:5000", "app");
  here.put_manifest("1.0", kManifest);
  EXPECT_EQ(tag_said("127.0.0.1:5000/app"), kManifestDigest);
  EXPECT_EQ(host_.web.requests.at(0).plain, sdk::PlainHttp::loopback);
  EXPECT_EQ(tag_said(), "unsupported: r.example.com: plain_http is for a registry on this host, and this one is not");
}

TEST_F(OciRepository, AllOfItIsOverInTime) {
  host_.web.on_request = [&] { host_.boot += seconds(50); };
  ask_for(kBearer);
  host_.web.answer(kTokenUrl, 200, R"({"token":"t"})");
  EXPECT_EQ(tag_said(), "timeout: " + kTagUrl + ": no time was left for it");
  EXPECT_EQ(host_.web.requests.at(0).timeout, seconds(15));
  EXPECT_EQ(host_.web.requests.at(1).timeout, seconds(10));
}

TEST_F(OciRepository, ReferrersAreReadByPages) {
  const auto digest = kManifestDigest;
  const auto read = [&] {
    Repository repository(host_, settings_, oci::parse_reference("r.example.com/team/app").value(), host_.boot + seconds(60));
    const auto pages = run_task(repository.referrers(digest));
    return !pages ? sdk::name(pages.error().code).data() + std::string(" ") : *pages ? std::to_string((*pages)->size()) : "none";
  };
  const auto page = [&](const std::string& url, const std::string& link) {
    host_.web.forget(url);
    host_.web.answer(url, 200, "{}", {{"content-type", kOciIndexType}, {"link", link}});
  };
  const auto first = registry_.referrers_url(digest), second = first + "?n=2";
  page(first, "</v2/team/app/referrers/" + digest + "?n=2>; rel=\"next\"");
  page(second, "");
  EXPECT_EQ(read(), "2");
  page(second, "<" + second + ">; rel=\"next\"");
  EXPECT_EQ(read(), "5") << "and not for ever";
  for (const char* elsewhere :
       {"<https://evil.example.net/x>; rel=\"next\"", "<//evil.example.net>; rel=\"next\"", "<x", ">x<", "</x>; rel=prev"}) {
    page(first, elsewhere);
    EXPECT_EQ(read(), "1") << elsewhere;
  }
  EXPECT_FALSE(asked("evil"));
  for (const int status : {404, 400, 405, 406, 501}) {
    host_.web.forget(first);
    host_.web.answer(first, status);
    EXPECT_EQ(read(), "none") << status;
  }
  host_.web.forget(first);
  host_.web.answer(first, 200, "<html>", {{"content-type", "text/html"}});
  EXPECT_EQ(read(), "none");
  host_.web.forget(first);
  host_.web.answer(first, 500);
  EXPECT_EQ(read(), "transient ");
}

}  // namespace
}  // namespace upkeep::test
