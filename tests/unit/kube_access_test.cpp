// SPDX-License-Identifier: Apache-2.0
// How a plugin gets into a cluster: the pod's service account, which rotates, and kubeconfig files, which people write.
#include "shared/kube/access.h"

#include <gtest/gtest.h>

#include "shared/kube/kubeconfig.h"
#include "support/kube_host.h"

namespace upkeep::test {
namespace {

namespace kube = plugins::shared::kube;
using namespace std::chrono_literals;

const std::string kAccount = "/var/run/secrets/kubernetes.io/serviceaccount/";

sdk::Config kubeconfig_at(const std::string& path) { return sdk::Config(sdk::Config::Table{{"kubeconfig", sdk::Config(path)}}); }

TEST(KubeAccess, APodTalksToTheServerOfItsEnvironment) {
  KubeHost host;
  const auto access = kube::access_for(host, sdk::Config());
  const auto first = access->credentials();
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->server, "https://10.96.0.1:443");
  EXPECT_EQ(first->token, "the-pods-token");
  EXPECT_EQ(first->ca_file, kAccount + "ca.crt");
  EXPECT_FALSE(first->proxy);
  EXPECT_EQ(access->own_namespace().value(), "default");

  host.variables["KUBERNETES_SERVICE_HOST"] = "fd00::1";
  EXPECT_EQ(kube::access_for(host, sdk::Config())->credentials()->server, "https://[fd00::1]:443");
  host.variables.erase("KUBERNETES_SERVICE_HOST");
  const auto none = kube::access_for(host, sdk::Config())->credentials();
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message.find("this is no pod"), std::string::npos) << none.error().message;
}

TEST(KubeAccess, ATokenIsReadAgainAfterAMinuteAndAtOnceWhenItWasRefused) {
  KubeHost host;
  const auto access = kube::access_for(host, sdk::Config());
  ASSERT_EQ(access->credentials()->token, "the-pods-token");
  host.contents.insert_or_assign(kAccount + "token", std::string("rotated\n"));
  host.boot += 59s;
  EXPECT_EQ(access->credentials()->token, "the-pods-token");
  host.boot += 1s;
  EXPECT_EQ(access->credentials()->token, "rotated");
  host.contents.insert_or_assign(kAccount + "token", std::string("again"));
  access->refused();
  EXPECT_EQ(access->credentials()->token, "again");
}

TEST(KubeAccess, AnOddServiceAccountIsNamed) {
  for (const auto& [file, bytes, says] :
       {std::tuple("token", "two\nlines", "/token: that is no token"), std::tuple("token", "", "/token: that is no token"),
        std::tuple("namespace", "../kube-system", "is no name of a namespace")}) {
    KubeHost host;
    host.contents.insert_or_assign(kAccount + file, std::string(bytes));
    const auto access = kube::access_for(host, sdk::Config());
    const std::string got = std::string(file) == "token" ? access->credentials().error().message : access->own_namespace().error().message;
    EXPECT_NE(got.find(says), std::string::npos) << got;
    EXPECT_EQ(got.find("two"), std::string::npos) << "no token is repeated: " << got;
  }
  KubeHost host;
  host.contents.erase(kAccount + "token");
  EXPECT_FALSE(kube::access_for(host, sdk::Config())->credentials());
}

// A kubeconfig whose cluster and user have these lines.
std::string kubeconfig(const std::string& cluster, const std::string& user) {
  return "apiVersion: v1\nkind: Config\ncurrent-context: here\ncontexts:\n- name: here\n  context: {cluster: c, user: u, namespace: "
         "agents}\n"
         "clusters:\n- name: c\n  cluster:\n    server: https://127.0.0.1:6443/\n" +
         cluster + "users:\n- name: u\n  user:\n" + user;
}

TEST(Kubeconfig, ATokenOrAClientCertificateAsDataOrFiles) {
  KubeHost host;
  host.contents.insert_or_assign("/etc/k/config",
                                 kubeconfig("    certificate-authority-data: Q0E=\n    tls-server-name: api.example.com\n",
                                            "    token: abc\n    client-certificate-data: Q0VSVA==\n    client-key: k.pem\n"));
  host.contents.insert_or_assign("/etc/k/k.pem", std::string("KEY"));
  auto access = kube::access_for(host, kubeconfig_at("/etc/k/config"));
  auto got = access->credentials();
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->server, "https://127.0.0.1:6443");
  EXPECT_EQ(got->server_name, "api.example.com");
  EXPECT_EQ(got->ca_pem + got->client_cert_pem + got->client_key_pem + got->token, "CACERTKEYabc");
  EXPECT_EQ(access->own_namespace().value(), "agents");

  host.contents.insert_or_assign("/etc/k/config",
                                 kubeconfig("    certificate-authority: ca/x.crt\n", "    token: no\n    tokenFile: /t\n"));
  host.contents.insert_or_assign("/t", std::string("from-the-file\n"));
  access->refused();
  got = access->credentials();
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->ca_file, "/etc/k/ca/x.crt");
  EXPECT_EQ(got->token, "from-the-file") << "as in client-go";
}

TEST(Kubeconfig, WhatCannotBeUsedIsSaidAndNoSecretIsRepeated) {
  struct Row {
    std::string text, says;
  };
  const std::string token = "    token: sekret\n";
  for (const Row& row : {
           Row{kubeconfig("", "    exec: {command: aws}\n"), "exec runs a program"},
           Row{kubeconfig("", "    auth-provider: {name: gcp}\n"), "auth-provider runs a program"},
           Row{kubeconfig("", "    username: u\n    password: sekret\n"), "username and password"},
           Row{kubeconfig("", "    as: admin\n    token: sekret\n"), "acting as somebody else"},
           Row{kubeconfig("    insecure-skip-tls-verify: true\n", token), "insecure-skip-tls-verify is not supported"},
           Row{kubeconfig("    proxy-url: http://sekret@p\n", token), "proxy-url is not supported"},
           Row{kubeconfig("    certificate-authority-data: '###'\n", token), "certificate-authority-data is no base64"},
           Row{kubeconfig("", "    client-key-data: sekret!\n"), "client-key-data is no base64"},
           Row{kubeconfig("", "    token: \"sekret\\nX-Evil: 1\"\n"), "its token cannot be one"},
           Row{"current-context: here\n", "it has no context named \"here\""},
           Row{"a: 1\n", "it has no current-context"},
           Row{"[]\n", "that is no kubeconfig"},
           Row{"a: &sekret [1]\nb: *sekret\n", "an anchor"},
       }) {
    const auto got = kube::parse_kubeconfig(row.text, "/etc/k/");
    ASSERT_FALSE(got) << row.text;
    EXPECT_NE(got.error().message.find(row.says), std::string::npos) << got.error().message;
    EXPECT_EQ(got.error().message.find("sekret"), std::string::npos) << got.error().message;
  }
  auto plain = kubeconfig("", token);
  plain.replace(plain.find("https"), 5, "http");
  EXPECT_NE(kube::parse_kubeconfig(plain, "/").error().message.find("must begin with https://"), std::string::npos);
}

}  // namespace
}  // namespace upkeep::test
