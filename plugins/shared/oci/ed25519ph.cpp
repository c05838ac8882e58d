// SPDX-License-Identifier: Apache-2.0
#include "shared/oci/ed25519ph.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace upkeep::oci {

namespace {

constexpr std::size_t kHalf = 32;
// Little-endian; y is 4/5, x is even.
constexpr std::string_view kBase =
    "\x58\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66";
constexpr const char* kPrime = "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed";
constexpr const char* kOrder = "1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed";  // of the base point
constexpr const char* kD = "52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3";

struct FreeNumber {
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(BN_CTX* context) const { BN_CTX_free(context); }
};
using Number = std::unique_ptr<BIGNUM, FreeNumber>;

void must(bool good) {
  if (!good) throw std::runtime_error("libcrypto cannot calculate");
}

Number from_hex(const char* digits) {
  BIGNUM* out = nullptr;
  must(BN_hex2bn(&out, digits) != 0);
  return Number(out);
}

Number from_little_endian(std::string_view bytes) {
  Number out(BN_lebin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()), nullptr));  // NOLINT
  must(out != nullptr);
  return out;
}

std::string sha512(std::string_view bytes) {
  std::array<unsigned char, 64> hash{};
  must(EVP_Digest(bytes.data(), bytes.size(), hash.data(), nullptr, EVP_sha512(), nullptr) == 1);
  return {hash.begin(), hash.end()};
}

// x = X/Z, y = Y/Z, xy = T/Z.
struct Point {
  Number x, y, z, t;
};

// The curve −x² + y² = 1 + d·x²·y² modulo 2²⁵⁵ − 19.
class Curve {
 public:
  [[nodiscard]] std::optional<Point> decoded(std::string_view bytes) const {
    std::string text(bytes);
    const bool odd = (static_cast<unsigned char>(text.back()) & 0x80U) != 0;
    text.back() = static_cast<char>(static_cast<unsigned char>(text.back()) & 0x7fU);
    Number y = from_little_endian(text);
    if (BN_cmp(y.get(), p_.get()) >= 0) return std::nullopt;
    const Number square = mul(y, y), one = number(1);
    const Number x2 = mul(sub(square, one), inverse(add(mul(d_, square), one)));
    Number x(BN_mod_sqrt(nullptr, x2.get(), p_.get(), context_.get()));
    if (!x) {  // not on the curve
      ERR_clear_error();
      return std::nullopt;
    }
    if (BN_is_zero(x.get()) && odd) return std::nullopt;
    if ((BN_is_odd(x.get()) != 0) != odd) x = sub(number(0), x);
    Number t = mul(x, y);
    return Point{std::move(x), std::move(y), number(1), std::move(t)};
  }

  [[nodiscard]] std::string encoded(const Point& point) const {
    const Number z = inverse(point.z), x = mul(point.x, z), y = mul(point.y, z);
    std::string out(kHalf, '\0');
    must(BN_bn2lebinpad(y.get(), reinterpret_cast<unsigned char*>(out.data()), kHalf) == kHalf);  // NOLINT
    if (BN_is_odd(x.get())) out.back() = static_cast<char>(static_cast<unsigned char>(out.back()) | 0x80U);
    return out;
  }

  // For all points, equal ones and the neutral one too (RFC 8032, section 5.1.4).
  [[nodiscard]] Point sum(const Point& a, const Point& b) const {
    const Number minus = mul(sub(a.y, a.x), sub(b.y, b.x)), plus = mul(add(a.y, a.x), add(b.y, b.x));
    const Number tt = mul(mul(a.t, b.t), add(d_, d_)), zz = mul(add(a.z, a.z), b.z);
    const Number e = sub(plus, minus), f = sub(zz, tt), g = add(zz, tt), h = add(plus, minus);
    return {mul(e, f), mul(g, h), mul(f, g), mul(e, h)};
  }

  [[nodiscard]] Point times(const Number& scalar, const Point& point) const {
    Point out{number(0), number(1), number(1), number(0)};
    for (int bit = BN_num_bits(scalar.get()) - 1; bit >= 0; --bit) {
      out = sum(out, out);
      if (BN_is_bit_set(scalar.get(), bit)) out = sum(out, point);
    }
    return out;
  }

  [[nodiscard]] const Number& order() const { return order_; }
  // −number modulo the order.
  [[nodiscard]] Number negated(const Number& of) const {
    Number out = number(0);
    must(BN_mod_sub(out.get(), out.get(), of.get(), order_.get(), context_.get()) == 1);
    return out;
  }

 private:
  static Number number(BN_ULONG value) {
    Number out(BN_new());
    must(out && BN_set_word(out.get(), value) == 1);
    return out;
  }
  [[nodiscard]] Number add(const Number& a, const Number& b) const {
    Number out = number(0);
    must(BN_mod_add(out.get(), a.get(), b.get(), p_.get(), context_.get()) == 1);
    return out;
  }
  [[nodiscard]] Number sub(const Number& a, const Number& b) const {
    Number out = number(0);
    must(BN_mod_sub(out.get(), a.get(), b.get(), p_.get(), context_.get()) == 1);
    return out;
  }
  [[nodiscard]] Number mul(const Number& a, const Number& b) const {
    Number out = number(0);
    must(BN_mod_mul(out.get(), a.get(), b.get(), p_.get(), context_.get()) == 1);
    return out;
  }
  [[nodiscard]] Number inverse(const Number& of) const {
    Number out(BN_mod_inverse(nullptr, of.get(), p_.get(), context_.get()));
    must(out != nullptr);  // neither d·y² + 1 nor a point's z is ever zero: −1/d is no square
    return out;
  }

  std::unique_ptr<BN_CTX, FreeNumber> context_{BN_CTX_new()};
  Number p_ = from_hex(kPrime), d_ = from_hex(kD), order_ = from_hex(kOrder);
};

}  // namespace

bool verifies_ed25519(std::string_view key, std::string_view prefix, std::string_view what, std::string_view signature) {
  if (key.size() != kHalf || signature.size() != 2 * kHalf) return false;
  const Curve curve;
  const auto public_point = curve.decoded(key), base = curve.decoded(kBase);
  const Number s = from_little_endian(signature.substr(kHalf));
  if (!public_point || !base || BN_cmp(s.get(), curve.order().get()) >= 0) return false;  // a larger S would be a second signature
  const auto r = signature.substr(0, kHalf);
  std::string hashed(prefix);
  hashed.append(r).append(key).append(what);
  const Number minus_k = curve.negated(from_little_endian(sha512(hashed)));
  return curve.encoded(curve.sum(curve.times(s, *base), curve.times(minus_k, *public_point))) == r;
}

bool verifies_ed25519ph(std::string_view key, std::string_view message, std::string_view signature) {
  using namespace std::string_view_literals;
  return verifies_ed25519(key, "SigEd25519 no Ed25519 collisions\x01\x00"sv, sha512(message), signature);
}

}  // namespace upkeep::oci
