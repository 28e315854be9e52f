#include "server/tls.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdio>
#include <filesystem>
#include <future>
#include <memory>
#include <string>

#include "raw_client.hpp"
#include "server/http_server.hpp"
#include "support/temporary_folder.hpp"

namespace ebagent::server {
namespace {

using namespace std::chrono_literals;
using testing::RawClient;

// Writes a key and a certificate of its own to `folder`.
void make_certificate(const std::filesystem::path& folder) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3'600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3'600);
  X509_set_pubkey(certificate, key);
  X509_sign(certificate, key, EVP_sha256());
  std::FILE* file = std::fopen((folder / "cert.pem").c_str(), "w");
  PEM_write_X509(file, certificate);
  std::fclose(file);
  file = std::fopen((folder / "key.pem").c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  std::filesystem::permissions(folder / "key.pem", std::filesystem::perms::owner_read);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

// A client that speaks TLS over a socket and takes any certificate.
class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port)
      : socket_(port), context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
    ssl_ = std::unique_ptr<SSL, decltype(&SSL_free)>(SSL_new(context_.get()), SSL_free);
    SSL_set_fd(ssl_.get(), socket_.descriptor());
    connected_ = SSL_connect(ssl_.get()) == 1;
  }
  [[nodiscard]] bool connected() const { return connected_; }
  void send(std::string_view bytes) {
    std::size_t written = 0;
    EXPECT_EQ(SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written), 1);
  }
  void end_sending() { SSL_shutdown(ssl_.get()); }
  std::string read_to_end() {
    std::string out;
    char buffer[16'384];
    int size = 0;
    while ((size = SSL_read(ssl_.get(), buffer, sizeof buffer)) > 0) out.append(buffer, std::size_t(size));
    return out;
  }

 private:
  RawClient socket_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, SSL_free};
  bool connected_ = false;
};

class TlsTest : public ::testing::Test {
 protected:
  std::uint16_t start() {
    make_certificate(folder_.path());
    auto context = TlsContext::load(folder_.path() / "cert.pem", folder_.path() / "key.pem");
    EXPECT_TRUE(context) << context.error().message;
    options_.tls = context.value();
    server_ = std::make_unique<HttpServer>(options_, handler_);
    EXPECT_TRUE(server_->start());
    return server_->port();
  }
  static std::string post(std::string_view body, std::string_view more = "") {
    return "POST / HTTP/1.1\r\nHost: h\r\n" + std::string{more} +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
  }
  static std::string last(std::string_view body) { return post(body, "Connection: close\r\n"); }
  static std::size_t count(const std::string& text, std::string_view what) {
    std::size_t found = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
    return found;
  }

  ebagent::testing::TemporaryFolder folder_;
  HttpOptions options_;
  Handler handler_ = [](const Request& request, const Respond& respond) {
    Reply reply;
    reply.body = (request.is_encrypted ? "encrypted " : "plain ") + request.body;
    respond(std::move(reply));
  };
  std::unique_ptr<HttpServer> server_;
};

TEST_F(TlsTest, AnswersRequestsOneAfterTheOther) {
  TlsClient client{start()};
  ASSERT_TRUE(client.connected());

  client.send(post("one") + post("two") + post("three").substr(0, 30));
  client.send(post("three").substr(30) + last("four"));

  const std::string answers = client.read_to_end();
  EXPECT_EQ(count(answers, "HTTP/1.1 200 OK"), 4U);
  EXPECT_NE(answers.find("encrypted one"), std::string::npos);
  EXPECT_TRUE(answers.ends_with("encrypted four"));
}

TEST_F(TlsTest, CarriesLargeBodiesBothWays) {
  TlsClient client{start()};
  const std::string large(1'500'000, 'x');

  client.send(last(large));

  const std::string answer = client.read_to_end();
  EXPECT_TRUE(answer.ends_with("encrypted " + large));
}

TEST_F(TlsTest, AnswersAClientThatHasSaidThatItSendsNoMore) {
  std::promise<Respond> handed;
  handler_ = [&](const Request&, Respond respond) { handed.set_value(std::move(respond)); };
  TlsClient client{start()};
  client.send(post("x"));
  const Respond respond = handed.get_future().get();

  client.end_sending();
  Reply reply;
  reply.body = "late but there";
  respond(reply);

  EXPECT_TRUE(client.read_to_end().ends_with("late but there"));
}

TEST_F(TlsTest, TellsAClientThatDoesNotSpeakTls) {
  RawClient client{start()};

  client.send(post("x"));

  const std::string answer = client.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 "));
  EXPECT_NE(answer.find("This port speaks TLS: the URL must begin with https://."), std::string::npos);
}

TEST_F(TlsTest, ClosesOnAHandshakeThatDoesNotEnd) {
  options_.request_timeout = 40ms;
  const std::uint16_t port = start();
  RawClient silent{port};
  EXPECT_TRUE(silent.is_ended());

  RawClient slow{port};
  slow.send(std::string_view{"\x16\x03\x01\x00\x40\x01", 6});
  EXPECT_EQ(slow.read_to_end(), "");
}

TEST_F(TlsTest, ClosesOnWhatIsNoTlsBehindTheFirstByte) {
  const std::uint16_t port = start();
  for (const std::string& bytes :
       {std::string{"\x16nonsense, and more of it"}, std::string(40'000, '\x16')}) {
    RawClient client{port};
    client.send(bytes);
    client.end_sending();
    EXPECT_EQ(client.read_to_end().find("HTTP"), std::string::npos);
  }

  TlsClient good{port};
  good.send(last("still here"));
  EXPECT_TRUE(good.read_to_end().ends_with("encrypted still here"));
}

}  // namespace
}  // namespace ebagent::server
