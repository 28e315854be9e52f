#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace ebagent::core {

// MD5 over bytes that come in pieces: the etag of an object, never a protection against anyone.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
class Md5 {
 public:
  Md5();
  void add(std::string_view bytes);
  // 32 lower-case hexadecimal digits; ends the computation.
  [[nodiscard]] std::string finish();

 private:
  std::unique_ptr<evp_md_ctx_st, void (*)(evp_md_ctx_st*)> context_;
};

}  // namespace ebagent::core
