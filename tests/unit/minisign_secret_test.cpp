// SPDX-License-Identifier: Apache-2.0
// Secret keys: those of Debian's minisign 0.11 are read, ours are the same bytes, and what both sign with them is the same. The program
// itself against ours is in the system tests (test_channel_keys.py).

#include "core/minisign_secret.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "core/blake2b.h"

namespace upkeep::core {
namespace {

// Made by `minisign -G -W`, with the signature of "hello" that it made.
const std::string kTheirs =
    "untrusted comment: minisign encrypted secret key\n"
    "RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAvJAUTQMdAOaE1W0cgI3ofwpru2TfaJ801YQDwdAfyYsVX33RaT6J0lKk"
    "MFzj6/zB/gVofvp8YLdqZfed1R0I8rX3fG+0215fAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
const std::string kTheirSignature =
    "RUS8kBRNAx0A5oL+HFJyFLZUEb4llPH5mvDQUAIXrczMlDkT+QtBhFJ0rFQ35GDwI7UJa2VgWBJILcy0occBLUJg+DjyCDYRSQs=\n"
    "trusted comment: stable 12\n"
    "WngJnQJxpVMp9w53utPu81yHC/iQponHlOW6THqJSREZh3H4Y2AN9MoaNYXJIuG8IJN5DKrWLsUI2b4lXeBbBw==\n";
constexpr PasswordCost kCheap{32768, 16U << 20};

SecretBytes bytes(std::string_view text) { return {text.begin(), text.end()}; }
std::string text_of(const SecretBytes& secret) { return {secret.begin(), secret.end()}; }

SecretBytes random_bytes(std::size_t size, unsigned char first) {
  SecretBytes out(size);
  for (auto& byte : out) byte = first++;
  return out;
}

TEST(MinisignSecret, ReadsAndWritesWhatMinisignWrote) {
  const auto key = read_minisign_secret(bytes(kTheirs), {});
  ASSERT_TRUE(key);
  EXPECT_EQ(to_text(key->public_key), "RWS8kBRNAx0A5lKkMFzj6/zB/gVofvp8YLdqZfed1R0I8rX3fG+0215f");
  EXPECT_FALSE(needs_password(bytes(kTheirs)).value());
  EXPECT_EQ(text_of(write_minisign_secret(*key, {}, {}).value()), kTheirs);
}

TEST(MinisignSecret, SignsAsMinisignDoes) {
  const auto key = read_minisign_secret(bytes(kTheirs), {}).value();
  EXPECT_EQ(sign(key, "hello", "stable 12"), "untrusted comment: signature with key E6001D034D1490BC\n" + kTheirSignature);
}

TEST(MinisignSecret, ANewKeySignsAndVerifies) {
  const auto key = make_minisign_secret(random_bytes(kRandomForKey, 7));
  EXPECT_EQ(key.public_key.id, "2E2D2C2B2A292827");  // the last eight bytes, little-endian
  const auto signature = parse_minisign_signature(sign(key, "document", "stable 1").value()).value();
  EXPECT_TRUE(signature.prehashed);
  EXPECT_TRUE(verify(key.public_key, "document", signature));
  EXPECT_FALSE(verify(key.public_key, "document ", signature));
}

TEST(MinisignSecret, APasswordHidesItAndAnotherDoesNotOpenIt) {
  const auto key = make_minisign_secret(random_bytes(kRandomForKey, 1));
  const auto file = write_minisign_secret(key, bytes("open sesame"), random_bytes(kRandomForPassword, 99), kCheap).value();
  EXPECT_TRUE(needs_password(file).value());
  EXPECT_EQ(read_minisign_secret(file, bytes("open sesame"))->seed, key.seed);
  for (const char* wrong : {"", "open sesamE", "open sesame "}) {
    const auto refused = read_minisign_secret(file, bytes(wrong));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, sdk::Errc::denied);
    EXPECT_EQ(refused.error().message, "this is not the password of the key");
  }
}

TEST(MinisignSecret, WhatAPasswordMayCostIsBounded) {
  const auto key = make_minisign_secret(random_bytes(kRandomForKey, 1));
  const PasswordCost dear{32768, std::uint64_t{1} << 31};  // few operations: the test itself pays little
  const auto file = write_minisign_secret(key, bytes("p"), random_bytes(kRandomForPassword, 99), dear);
  ASSERT_TRUE(file);
  EXPECT_EQ(read_minisign_secret(*file, bytes("p")).error().code, sdk::Errc::unsupported);
}

TEST(MinisignSecret, WhatIsNoKeyFileIsSaidWithoutAWordOfIt) {
  const auto with = [](std::size_t at, char c) {
    std::string out = kTheirs;
    out[at] = c;
    return out;
  };
  for (const std::string& bad :
       {std::string(), std::string("SECRET"), kTheirs.substr(0, 100), kTheirs.substr(20), with(50, 'Q'), with(55, '!'), kTheirs + "A",
        kTheirs + std::string(5000, '\n'), std::string("untrusted comment: x\nRWQ=\n")}) {
    const auto read = read_minisign_secret(bytes(bad), {});
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().code, sdk::Errc::invalid);
    EXPECT_EQ(read.error().message, "this is no secret key of minisign");
  }
  const auto damaged = read_minisign_secret(bytes(with(150, 'x')), {});
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().message, "this key is damaged: its two halves do not belong together");
}

TEST(MinisignSecret, ATrustedCommentIsOnePrintableLine) {
  const auto key = read_minisign_secret(bytes(kTheirs), {}).value();
  EXPECT_TRUE(sign(key, "", "größer"));
  for (const std::string& bad :
       {std::string("a\nb"), std::string("\x1b[2J"), std::string("\xff"), std::string(1001, 'x'), std::string("a\0b", 3)})
    EXPECT_EQ(sign(key, "", bad).error().code, sdk::Errc::invalid);
}

// The vector of RFC 7693, and libcrypto for the length that it has, over blocks that are just full and just not.
TEST(Blake2b, IsThatOfOthers) {
  const auto digest = blake2b(bytes("abc"), 64);
  EXPECT_EQ((std::vector<int>{digest[0], digest[1], digest[62], digest[63]}), (std::vector<int>{0xba, 0x80, 0x99, 0x23}));
  for (const std::size_t size : {0, 1, 8, 127, 128, 129, 255, 256, 257, 1000}) {
    const auto message = random_bytes(size, 3);
    SecretBytes theirs(64);
    ASSERT_EQ(EVP_Digest(message.data(), message.size(), theirs.data(), nullptr, EVP_blake2b512(), nullptr), 1);
    EXPECT_EQ(blake2b(message, 64), theirs) << size;
  }
  const auto short_one = blake2b(bytes("abc"), 32);  // by another program
  EXPECT_EQ((std::vector<int>{short_one[0], short_one[1], short_one[30], short_one[31]}), (std::vector<int>{0xbd, 0xdd, 0x23, 0x19}));
}

}  // namespace
}  // namespace upkeep::core
