#include "store/store.hpp"

#include <future>
#include <utility>

namespace ebagent::store {

bool is_refusal(const Error& error) {
  switch (error.code) {
    case ErrorCode::AlreadyExists:
    case ErrorCode::Conflict:
    case ErrorCode::InvalidArgument:
    case ErrorCode::LimitExceeded:
    case ErrorCode::NotFound:
    case ErrorCode::Unsupported:
      return true;
    default:
      return false;
  }
}

Result<Committed> Store::commit_and_wait(Transaction writes) {
  std::promise<Result<Committed>> outcome;
  commit(std::move(writes), [&outcome](Result<Committed> result) { outcome.set_value(std::move(result)); });
  return outcome.get_future().get();
}

}  // namespace ebagent::store
