#include "server/tls.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>
#include <utility>

#include "server/access_keys.hpp"

namespace ebagent::server {
namespace {

template <auto Free>
struct Freeing {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

// What OpenSSL last complained of, in its words; its queue is left empty.
std::string reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* text = ERR_reason_error_string(code);
  ERR_clear_error();
  return text == nullptr ? "no reason given" : text;
}

// Called for the passphrase of an encrypted key: a server that starts by itself has nobody to ask.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return 0;
}

// The server speaks HTTP/1.1 only and says so to clients that would rather have HTTP/2.
int choose_protocol(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned int offered_size, void* /*context*/) {
  static constexpr unsigned char kOurs[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, chosen_size, kOurs, sizeof kOurs, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

int clamped(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

}  // namespace

struct TlsContext::State {
  std::unique_ptr<SSL_CTX, Freeing<SSL_CTX_free>> context{SSL_CTX_new(TLS_server_method())};
};

TlsContext::TlsContext(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsContext::~TlsContext() = default;

Result<std::shared_ptr<const TlsContext>> TlsContext::load(const std::filesystem::path& certificate,
                                                           const std::filesystem::path& key) {
  // A certificate is public; only that it is a file that can be read matters.
  std::error_code problem;
  if (!std::filesystem::is_regular_file(certificate, problem)) {
    return fail(ErrorCode::NotFound, "There is no certificate file " + certificate.string() + ".");
  }
  BOOST_OUTCOME_TRYV(check_is_private(key, "The file of the TLS key"));
  auto state = std::make_unique<State>();
  SSL_CTX* context = state->context.get();
  if (context == nullptr) return fail(ErrorCode::Internal, "OpenSSL offers no TLS: " + reason() + ".");
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context,
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Thousands of idle connections keep no buffers of 34 KB each.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  bool is_passphrase_asked = false;
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  SSL_CTX_set_default_passwd_cb_userdata(context, &is_passphrase_asked);
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
    return fail(ErrorCode::Malformed,
                "The file " + certificate.string() + " holds no PEM certificate: " + reason() + ".");
  }
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    const unsigned long code = ERR_peek_last_error();
    if (ERR_GET_REASON(code) == X509_R_KEY_VALUES_MISMATCH) {
      ERR_clear_error();
      return fail(ErrorCode::InvalidArgument, "The TLS key in " + key.string() +
                                                  " does not belong to the certificate in " +
                                                  certificate.string() + ".");
    }
    if (is_passphrase_asked) {
      ERR_clear_error();
      return fail(ErrorCode::InvalidArgument,
                  "The TLS key in " + key.string() + " is encrypted; store it without a passphrase.");
    }
    return fail(ErrorCode::Malformed, "The file " + key.string() + " holds no PEM key: " + reason() + ".");
  }
  SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
  return std::shared_ptr<const TlsContext>{new TlsContext(std::move(state))};
}

struct TlsSession::Engine {
  std::unique_ptr<SSL, Freeing<SSL_free>> ssl;
  BIO* in = nullptr;   // the session's
  BIO* out = nullptr;  // likewise
  bool is_broken = false;
};

TlsSession::TlsSession(const TlsContext& context) : engine_(std::make_unique<Engine>()) {
  engine_->ssl.reset(SSL_new(context.state_->context.get()));
  engine_->in = BIO_new(BIO_s_mem());
  engine_->out = BIO_new(BIO_s_mem());
  if (!engine_->ssl || engine_->in == nullptr || engine_->out == nullptr) throw std::bad_alloc{};
  SSL_set_bio(engine_->ssl.get(), engine_->in, engine_->out);
  SSL_set_accept_state(engine_->ssl.get());
}

TlsSession::~TlsSession() = default;

TlsSession::State TlsSession::receive(std::string_view wire, std::string& plain) {
  if (engine_->is_broken) return State::Broken;
  ERR_clear_error();
  if (BIO_write(engine_->in, wire.data(), clamped(wire.size())) != clamped(wire.size()))
    throw std::bad_alloc{};
  std::array<char, 16 * 1024> buffer;  // a record's largest content
  while (true) {
    const int size = SSL_read(engine_->ssl.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (size > 0) {
      plain.append(buffer.data(), static_cast<std::size_t>(size));
      continue;
    }
    switch (SSL_get_error(engine_->ssl.get(), size)) {
      case SSL_ERROR_WANT_READ:
      case SSL_ERROR_WANT_WRITE:
        return State::Open;
      case SSL_ERROR_ZERO_RETURN:
        return State::Ended;
      default:
        ERR_clear_error();
        engine_->is_broken = true;
        return State::Broken;
    }
  }
}

bool TlsSession::send(std::string_view plain) {
  if (engine_->is_broken) return false;
  ERR_clear_error();
  while (!plain.empty()) {
    const int size = SSL_write(engine_->ssl.get(), plain.data(), clamped(plain.size()));
    if (size <= 0) {
      ERR_clear_error();
      return false;
    }
    plain.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

void TlsSession::end() {
  if (engine_->is_broken || SSL_in_init(engine_->ssl.get()) != 0) return;
  ERR_clear_error();
  (void)SSL_shutdown(engine_->ssl.get());
  ERR_clear_error();
}

bool TlsSession::has_output() const {
  return BIO_ctrl_pending(engine_->out) > 0;
}

std::string TlsSession::take_output() {
  std::string wire(BIO_ctrl_pending(engine_->out), '\0');
  const int size = BIO_read(engine_->out, wire.data(), clamped(wire.size()));
  wire.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return wire;
}

}  // namespace ebagent::server
