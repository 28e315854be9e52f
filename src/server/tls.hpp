#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "ebagent/result.hpp"

namespace ebagent::server {

// A certificate with its key, shared by all connections. Thread safety: may be used from any thread.
class TlsContext {
 public:
  // Both files are PEM; the certificate's may hold the chain behind it. NotFound and Io when one cannot be read,
  // InvalidArgument when the key is encrypted, is open to other users or does not belong to the certificate, Malformed
  // when a file does not hold what it should.
  static Result<std::shared_ptr<const TlsContext>> load(const std::filesystem::path& certificate,
                                                        const std::filesystem::path& key);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

 private:
  friend class TlsSession;
  struct State;
  explicit TlsContext(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// TLS 1.2 or 1.3 of one connection, as a translation between the bytes of the network and those of the protocol above. It
// reads and writes no socket, so that the connection that owns it is the same with and without TLS.
class TlsSession {
 public:
  enum class State {
    Open,    // goes on, also while the handshake is under way
    Ended,   // the client has said that it sends no more
    Broken,  // nothing more can be read; what take_output() gives tells the client why
  };

  explicit TlsSession(const TlsContext& context);
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;
  ~TlsSession();

  // Takes what came from the network and appends what it says to `plain`.
  [[nodiscard]] State receive(std::string_view wire, std::string& plain);
  // Translates what is to be sent; it waits in the output. False before the handshake is done, and once broken.
  bool send(std::string_view plain);
  // Says that nothing more will be sent.
  void end();

  [[nodiscard]] bool has_output() const;
  // What is to be written to the network now.
  [[nodiscard]] std::string take_output();

 private:
  struct Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace ebagent::server
