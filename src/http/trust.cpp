#include "http/trust.hpp"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <utility>

namespace ebagent::http {

Trust::Store Trust::load() const {
  Store store{X509_STORE_new(), X509_STORE_free};
  if (store == nullptr) return store;
  const int done = ca_file_.empty() ? X509_STORE_set_default_paths(store.get())
                                    : X509_STORE_load_file(store.get(), ca_file_.c_str());
  if (done != 1) store.reset();
  return store;
}

bool Trust::install(SSL_CTX* context) {
  std::call_once(loaded_, [this] { store_ = load(); });
  if (store_ == nullptr) return false;
  SSL_CTX_set1_cert_store(context, store_.get());
  return true;
}

}  // namespace ebagent::http
