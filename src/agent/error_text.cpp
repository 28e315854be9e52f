#include "agent/error_text.hpp"

#include <array>

namespace ebagent::agent {
namespace {

struct CodeName {
  ErrorCode code;
  std::string_view name;
};

constexpr std::array kCodes{CodeName{ErrorCode::InvalidArgument, "InvalidArgument"},
                            CodeName{ErrorCode::Malformed, "Malformed"},
                            CodeName{ErrorCode::NotFound, "NotFound"},
                            CodeName{ErrorCode::AlreadyExists, "AlreadyExists"},
                            CodeName{ErrorCode::LimitExceeded, "LimitExceeded"},
                            CodeName{ErrorCode::Conflict, "Conflict"},
                            CodeName{ErrorCode::Unavailable, "Unavailable"},
                            CodeName{ErrorCode::TimedOut, "TimedOut"},
                            CodeName{ErrorCode::Overloaded, "Overloaded"},
                            CodeName{ErrorCode::Denied, "Denied"},
                            CodeName{ErrorCode::OutcomeUnknown, "OutcomeUnknown"},
                            CodeName{ErrorCode::Io, "Io"},
                            CodeName{ErrorCode::Unsupported, "Unsupported"},
                            CodeName{ErrorCode::Internal, "Internal"}};

constexpr std::string_view kSeparator = ": ";

}  // namespace

std::string to_text(const Error& error) {
  for (const CodeName& entry : kCodes) {
    if (entry.code == error.code) return std::string(entry.name).append(kSeparator).append(error.message);
  }
  return error.message;
}

Error error_from_text(std::string_view text) {
  for (const CodeName& entry : kCodes) {
    if (text.starts_with(entry.name) && text.substr(entry.name.size()).starts_with(kSeparator)) {
      return {entry.code, std::string(text.substr(entry.name.size() + kSeparator.size()))};
    }
  }
  return {ErrorCode::Internal, std::string(text)};
}

}  // namespace ebagent::agent
