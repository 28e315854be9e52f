#include "schema/regex.hpp"

#include <re2/re2.h>

#include <string>

namespace ebagent::schema {
namespace {

constexpr std::int64_t kMaxMemory = 1 << 20;  // of a compiled pattern; a{1000}{1000} would want gigabytes

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

Result<Regex> Regex::compile(std::string_view pattern) {
  if (pattern.size() > kMaxPattern) {
    return fail(ErrorCode::InvalidArgument, "A pattern may have " + std::to_string(kMaxPattern) +
                                                " bytes; this one has " + std::to_string(pattern.size()) +
                                                ".");
  }
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxMemory);
  auto compiled = std::make_shared<const RE2>(piece(pattern), options);
  if (!compiled->ok()) {
    return fail(ErrorCode::InvalidArgument, "\"" + std::string(pattern) +
                                                "\" is no pattern that can be matched: " + compiled->error() +
                                                ". (Look-around and back-references are not offered.)");
  }
  return Regex(std::move(compiled));
}

bool Regex::matches_all_of(std::string_view text) const {
  return text.size() <= kMaxText && RE2::FullMatch(piece(text), *compiled_);
}

bool Regex::is_found_in(std::string_view text) const {
  return text.size() <= kMaxText && RE2::PartialMatch(piece(text), *compiled_);
}

std::string_view Regex::text() const {
  return compiled_->pattern();
}

}  // namespace ebagent::schema
