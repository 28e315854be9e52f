#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/result.hpp"

namespace ebagent::server {

// A secret is guessed where it is short.
inline constexpr std::size_t kMinSecret = 16;

// Who may call: access keys, with whose secrets callers sign, and bearer tokens for endpoints that are not Amazon's. Each
// may belong to an account. Nothing of it is ever logged or shown.
class AccessKeys {
 public:
  struct Key {
    std::string secret;
    std::string account;  // empty: the key may stand for any account the server knows by default
  };
  struct Token {
    std::string sha256;  // of the token, so that comparing takes the same time for tokens of any length
    std::string account;
  };

  // Reads a file of lines `ACCESS_KEY_ID SECRET [ACCOUNT]` and `Bearer TOKEN [ACCOUNT]`; blank lines and those that begin
  // with '#' are left out. NotFound and Io when it cannot be read, InvalidArgument when others may read it too or it holds
  // no key, Malformed, with the number of the line, for a line of another form.
  static Result<AccessKeys> load(const std::filesystem::path& file);
  // The same from text; `name` is what errors call it.
  static Result<AccessKeys> parse(std::string_view text, const std::string& name);

  // Null when there is no such key.
  [[nodiscard]] const Key* key(std::string_view access_key_id) const;
  // Null when there is no such token.
  [[nodiscard]] const Token* token(std::string_view text) const;
  [[nodiscard]] std::size_t size() const { return keys_.size() + tokens_.size(); }

 private:
  [[nodiscard]] Result<void> add(const std::vector<std::string_view>& words);

  std::map<std::string, Key, std::less<>> keys_;
  std::vector<Token> tokens_;
};

// InvalidArgument when users other than the owner and the group may read `file`, or others than the owner write it.
[[nodiscard]] Result<void> check_is_private(const std::filesystem::path& file, std::string_view what);

}  // namespace ebagent::server
