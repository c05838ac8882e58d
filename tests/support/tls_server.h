// SPDX-License-Identifier: Apache-2.0
#pragma once
// A small HTTPS server on 127.0.0.1, in the test's own loop, that asks for a client's certificate and answers with its name; and an
// authority that issues certificates.

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read_until.hpp>
#include <asio/ssl.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <memory>
#include <string>

namespace upkeep::test {

struct Certificate {
  std::string pem, key_pem;
};

class Authority {
 public:
  explicit Authority(std::string name) : name_(std::move(name)), key_(EVP_EC_gen("P-256"), &EVP_PKEY_free) {
    pem = text([&](BIO* out) { return PEM_write_bio_X509(out, sign(name_, key_.get(), NID_basic_constraints, "critical,CA:TRUE").get()); });
  }
  // Of a server at 127.0.0.1, or of a client.
  Certificate issue(const std::string& name) {
    const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    const auto certificate = sign(name, key.get(), NID_subject_alt_name, "IP:127.0.0.1");
    return {text([&](BIO* out) { return PEM_write_bio_X509(out, certificate.get()); }),
            text([&](BIO* out) { return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr); })};
  }
  std::string pem;

 private:
  using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
  using Signed = std::unique_ptr<X509, decltype(&X509_free)>;

  template <typename Write>
  static std::string text(Write write) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
    write(out.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(size)};
  }
  Signed sign(const std::string& name, EVP_PKEY* key, int extension, const char* value) {
    Signed out(X509_new(), &X509_free);
    X509_set_version(out.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(out.get()), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(out.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(out.get()), 3600);
    X509_set_pubkey(out.get(), key);
    for (const auto& [entry, text] : {std::pair(X509_get_subject_name(out.get()), name), {X509_get_issuer_name(out.get()), name_}})
      X509_NAME_add_entry_by_txt(entry, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1, 0);
    X509_EXTENSION* added = X509V3_EXT_conf_nid(nullptr, nullptr, extension, value);
    X509_add_ext(out.get(), added, -1);
    X509_EXTENSION_free(added);
    X509_sign(out.get(), key_.get(), EVP_sha256());
    return out;
  }

  std::string name_;
  Key key_;
  long serial_ = 0;
};

class TlsServer {
 public:
  TlsServer(asio::io_context& context, const Certificate& own, const std::string& trusted)
      : tls_(asio::ssl::context::tls_server), acceptor_(context, {asio::ip::address_v4::loopback(), 0}) {
    tls_.use_certificate(asio::buffer(own.pem), asio::ssl::context::pem);
    tls_.use_private_key(asio::buffer(own.key_pem), asio::ssl::context::pem);
    tls_.add_certificate_authority(asio::buffer(trusted));
    tls_.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
    SSL_CTX_set_session_id_context(tls_.native_handle(), reinterpret_cast<const unsigned char*>("test"), 4);  // sessions may be resumed
    asio::co_spawn(context, accept(), asio::detached);
  }
  [[nodiscard]] std::string url() const { return "https://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/"; }
  int connections = 0;  // that came as far as a handshake

 private:
  using Stream = asio::ssl::stream<asio::ip::tcp::socket>;

  asio::awaitable<void> accept() {
    for (;;) {
      auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
      asio::co_spawn(acceptor_.get_executor(), serve(std::make_shared<Stream>(std::move(socket), tls_)), asio::detached);
    }
  }
  asio::awaitable<void> serve(std::shared_ptr<Stream> stream) {
    co_await stream->async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
    ++connections;
    char name[64] = "";
    const std::unique_ptr<X509, decltype(&X509_free)> peer(SSL_get1_peer_certificate(stream->native_handle()), &X509_free);
    X509_NAME_get_text_by_NID(X509_get_subject_name(peer.get()), NID_commonName, name, sizeof name);
    const std::string body = name;
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    for (std::string input;;) {
      const std::size_t head = co_await asio::async_read_until(*stream, asio::dynamic_buffer(input), "\r\n\r\n", asio::use_awaitable);
      input.erase(0, head);
      co_await asio::async_write(*stream, asio::buffer(answer), asio::use_awaitable);
    }
  }

  asio::ssl::context tls_;
  asio::ip::tcp::acceptor acceptor_;
};

}  // namespace upkeep::test
