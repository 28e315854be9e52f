#include "server/access_keys.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "aws/sigv4.hpp"
#include "core/ids.hpp"

namespace ebagent::server {
namespace {

constexpr std::size_t kMaxFile = 1024 * 1024;
constexpr std::size_t kAccountDigits = 12;
// What an access key id may be made of; AWS gives them 16 to 128 characters.
constexpr std::size_t kMaxKeyId = 128;
constexpr std::string_view kBearer = "Bearer";

std::vector<std::string_view> words_of(std::string_view line) {
  constexpr std::string_view kBlanks = " \t\r";
  std::vector<std::string_view> words;
  while (true) {
    const auto begin = line.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return words;
    line.remove_prefix(begin);
    const auto end = std::min(line.find_first_of(kBlanks), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

bool is_account(std::string_view text) {
  return text.size() == kAccountDigits && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_key_id(std::string_view text) {
  return text.size() <= kMaxKeyId && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
         });
}

}  // namespace

Result<void> check_is_private(const std::filesystem::path& file, std::string_view what) {
  struct stat found {};
  if (::stat(file.c_str(), &found) != 0) {
    const ErrorCode code = errno == ENOENT ? ErrorCode::NotFound : ErrorCode::Io;
    return fail(code, std::string{what} + " " + file.string() +
                          " cannot be read: " + std::generic_category().message(errno) + ".");
  }
  if (!S_ISREG(found.st_mode)) {
    return fail(ErrorCode::InvalidArgument, std::string{what} + " " + file.string() + " is not a file.");
  }
  if ((found.st_mode & (S_IROTH | S_IWOTH | S_IWGRP)) != 0) {
    return fail(ErrorCode::InvalidArgument,
                std::string{what} + " " + file.string() +
                    " may be read or changed by other users; run chmod 600 on it.");
  }
  return success();
}

Result<AccessKeys> AccessKeys::load(const std::filesystem::path& file) {
  BOOST_OUTCOME_TRYV(check_is_private(file, "The file of access keys"));
  std::ifstream in{file, std::ios::binary};
  if (!in) return fail(ErrorCode::Io, "The file of access keys " + file.string() + " cannot be read.");
  std::string text(kMaxFile + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kMaxFile) {
    return fail(ErrorCode::InvalidArgument,
                "The file of access keys " + file.string() + " is larger than a megabyte.");
  }
  return parse(text, file.string());
}

Result<AccessKeys> AccessKeys::parse(std::string_view text, const std::string& name) {
  AccessKeys keys;
  for (int number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const auto words = words_of(line);
    if (words.empty() || words[0].starts_with('#')) continue;
    if (const auto added = keys.add(words); !added) {
      return fail(ErrorCode::Malformed,
                  name + ", line " + std::to_string(number) + ": " + added.error().message);
    }
  }
  if (keys.size() == 0) return fail(ErrorCode::InvalidArgument, name + " holds no access key.");
  return keys;
}

// Messages do not repeat what stands in the line: it may be a secret.
Result<void> AccessKeys::add(const std::vector<std::string_view>& words) {
  if (words.size() < 2 || words.size() > 3) {
    return fail(ErrorCode::Malformed, "a line is ACCESS_KEY_ID SECRET [ACCOUNT] or Bearer TOKEN [ACCOUNT].");
  }
  if (words.size() == 3 && !is_account(words[2])) {
    return fail(ErrorCode::Malformed, "the account must be 12 digits.");
  }
  if (words[1].size() < kMinSecret) {
    return fail(ErrorCode::Malformed,
                "a secret or token needs at least " + std::to_string(kMinSecret) + " characters.");
  }
  std::string account{words.size() == 3 ? words[2] : std::string_view{}};
  if (words[0] == kBearer) {
    tokens_.push_back({core::sha256_hex(words[1]), std::move(account)});
    return success();
  }
  if (!is_key_id(words[0])) {
    return fail(ErrorCode::Malformed, "an access key id is of letters, digits and '_', 128 at most.");
  }
  if (!keys_.try_emplace(std::string{words[0]}, Key{std::string{words[1]}, std::move(account)}).second) {
    return fail(ErrorCode::Malformed, "the access key is there a second time.");
  }
  return success();
}

const AccessKeys::Key* AccessKeys::key(std::string_view access_key_id) const {
  const auto found = keys_.find(access_key_id);
  return found == keys_.end() ? nullptr : &found->second;
}

const AccessKeys::Token* AccessKeys::token(std::string_view text) const {
  const std::string hash = core::sha256_hex(text);
  const Token* found = nullptr;
  for (const Token& token : tokens_) {
    if (aws::is_same_signature(token.sha256, hash)) found = &token;
  }
  return found;
}

}  // namespace ebagent::server
