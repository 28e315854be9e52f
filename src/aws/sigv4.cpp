#include "aws/sigv4.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <map>
#include <stdexcept>

#include "core/ids.hpp"
#include "core/percent.hpp"

namespace ebagent::aws {
namespace {

constexpr std::string_view kTerminator = "aws4_request";
constexpr std::string_view kSignatureParameter = "X-Amz-Signature";

std::string hmac(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  const auto* done =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &length);
  if (done == nullptr) throw std::runtime_error("OpenSSL does not offer HMAC-SHA256.");
  return {reinterpret_cast<const char*>(digest.data()), length};
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

std::string lower(std::string_view text) {
  std::string result{text};
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

// Without blanks at the ends; those inside become one space each run.
std::string trim_all(std::string_view value) {
  std::string result;
  bool was_blank = false;
  for (const char c : value) {
    if (is_blank(c)) {
      was_blank = true;
      continue;
    }
    if (was_blank && !result.empty()) result += ' ';
    was_blank = false;
    result += c;
  }
  return result;
}

// Lower-case name to its values, joined by commas in the order of the request.
std::map<std::string, std::string> canonical_headers(const Headers& headers) {
  std::map<std::string, std::string> values;
  for (const auto& [name, value] : headers) {
    const auto [at, is_new] = values.try_emplace(lower(name), trim_all(value));
    if (!is_new) at->second += "," + trim_all(value);
  }
  return values;
}

std::string without_dot_segments(std::string_view path) {
  std::vector<std::string_view> segments;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view segment = path.substr(begin, end - begin);
    begin = end + 1;
    if (segment.empty() || segment == ".") continue;
    if (segment != "..") {
      segments.push_back(segment);
    } else if (!segments.empty()) {
      segments.pop_back();
    }
  }
  std::string result;
  for (const std::string_view segment : segments) result.append("/").append(segment);
  const bool ends_with_slash = path.ends_with('/') && !segments.empty();
  if (segments.empty() || ends_with_slash) result += '/';
  return result;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::pair<std::string_view, std::string_view> name_and_value(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return {text, {}};
  return {text.substr(0, equals), text.substr(equals + 1)};
}

bool is_date(std::string_view text) {
  return text.size() == 8 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Result<void> read_credential(std::string_view credential, Authorization& authorization) {
  const auto parts = split(credential, '/');
  const bool is_whole =
      parts.size() == 5 && parts[4] == kTerminator &&
      std::none_of(parts.begin(), parts.end(), [](std::string_view part) { return part.empty(); });
  if (!is_whole) {
    return fail(ErrorCode::Malformed,
                "The credential of a signature must be 'KEY/DATE/REGION/SERVICE/aws4_request'.");
  }
  if (!is_date(parts[1])) {
    return fail(ErrorCode::Malformed, "The date of a signature's credential must be eight digits, YYYYMMDD.");
  }
  authorization.access_key_id = parts[0];
  authorization.scope = {
      .date = std::string{parts[1]}, .region = std::string{parts[2]}, .service = std::string{parts[3]}};
  return success();
}

Result<void> read_signed_headers(std::string_view text, Authorization& authorization) {
  if (text.empty()) return fail(ErrorCode::Malformed, "The signature names no signed headers.");
  for (const std::string_view name : split(text, ';')) authorization.signed_headers.push_back(lower(name));
  return success();
}

Result<void> read_signature(std::string_view text, Authorization& authorization) {
  const bool is_hex =
      text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  if (!is_hex) {
    return fail(ErrorCode::Malformed, "The signature must be 64 lower-case hexadecimal digits.");
  }
  authorization.signature = text;
  return success();
}

}  // namespace

std::string CredentialScope::text() const {
  return date + "/" + region + "/" + service + "/" + std::string{kTerminator};
}

std::string canonical_path(std::string_view path, std::string_view service) {
  if (path.empty()) return "/";
  if (service == "s3") return std::string{path};
  return core::percent_encode(without_dot_segments(path), "/");
}

std::string canonical_query(std::string_view query) {
  if (query.empty()) return {};
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string_view part : split(query, '&')) {
    const auto [name, value] = name_and_value(part);
    if (name == kSignatureParameter) continue;
    pairs.emplace_back(core::percent_encode(core::percent_decode(name)),
                       core::percent_encode(core::percent_decode(value)));
  }
  std::sort(pairs.begin(), pairs.end());
  std::string result;
  for (const auto& [name, value] : pairs) {
    if (!result.empty()) result += '&';
    result.append(name).append("=").append(value);
  }
  return result;
}

std::string signed_headers(const Headers& headers) {
  std::string result;
  for (const auto& [name, value] : canonical_headers(headers)) {
    if (!result.empty()) result += ';';
    result += name;
  }
  return result;
}

std::string canonical_request(const RequestToSign& request, std::string_view service) {
  std::string text{request.method};
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  text.append("\n").append(canonical_path(request.path, service));
  text.append("\n").append(canonical_query(request.query)).append("\n");
  std::string names;
  for (const auto& [name, value] : canonical_headers(request.headers)) {
    text.append(name).append(":").append(value).append("\n");
    if (!names.empty()) names += ';';
    names += name;
  }
  text.append("\n").append(names).append("\n").append(request.payload_hash);
  return text;
}

std::string string_to_sign(std::string_view canonical_request, std::string_view amz_date,
                           const CredentialScope& scope) {
  std::string text{kAlgorithm};
  text.append("\n").append(amz_date).append("\n").append(scope.text());
  text.append("\n").append(core::sha256_hex(canonical_request));
  return text;
}

std::string signing_key(std::string_view secret_access_key, const CredentialScope& scope) {
  const std::string of_date = hmac("AWS4" + std::string{secret_access_key}, scope.date);
  return hmac(hmac(hmac(of_date, scope.region), scope.service), kTerminator);
}

std::string signature(std::string_view signing_key, std::string_view string_to_sign) {
  return hex(hmac(signing_key, string_to_sign));
}

bool is_same_signature(std::string_view one, std::string_view other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

std::string amz_date(TimePoint time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
  std::array<char, 32> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%04d%02u%02uT%02d%02d%02dZ", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                    static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                    static_cast<int>(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

Headers sign(const RequestToSign& request, const Credentials& credentials, std::string_view region,
             std::string_view service, TimePoint now) {
  const std::string date = amz_date(now);
  const CredentialScope scope{
      .date = date.substr(0, 8), .region = std::string{region}, .service = std::string{service}};
  Headers added{{"X-Amz-Date", date}};
  if (!credentials.session_token.empty()) {
    added.emplace_back("X-Amz-Security-Token", credentials.session_token);
  }
  Headers all = request.headers;
  all.insert(all.end(), added.begin(), added.end());
  const RequestToSign whole{.method = request.method,
                            .path = request.path,
                            .query = request.query,
                            .headers = all,
                            .payload_hash = request.payload_hash};
  const std::string to_sign = string_to_sign(canonical_request(whole, service), date, scope);
  std::string authorization{kAlgorithm};
  authorization.append(" Credential=").append(credentials.access_key_id).append("/").append(scope.text());
  authorization.append(", SignedHeaders=").append(signed_headers(all));
  authorization.append(", Signature=")
      .append(signature(signing_key(credentials.secret_access_key, scope), to_sign));
  added.emplace_back("Authorization", std::move(authorization));
  return added;
}

Result<Authorization> parse_authorization(std::string_view header) {
  if (!header.starts_with(kAlgorithm) || header.size() == kAlgorithm.size() ||
      header[kAlgorithm.size()] != ' ') {
    return fail(ErrorCode::Malformed, "The Authorization header must begin with 'AWS4-HMAC-SHA256 '.");
  }
  header.remove_prefix(kAlgorithm.size() + 1);
  std::map<std::string, std::string_view> parts;
  for (const std::string_view part : split(header, ',')) {
    const auto begin = std::min(part.find_first_not_of(' '), part.size());
    const auto end = part.find_last_not_of(' ');
    const auto [name, value] =
        name_and_value(part.substr(begin, end == std::string_view::npos ? 0 : end + 1 - begin));
    parts[std::string{name}] = value;
  }
  for (const char* const name : {"Credential", "SignedHeaders", "Signature"}) {
    if (!parts.contains(name)) {
      return fail(ErrorCode::Malformed,
                  "The Authorization header requires '" + std::string{name} + "' parameter.");
    }
  }
  Authorization authorization;
  BOOST_OUTCOME_TRYV(read_credential(parts["Credential"], authorization));
  BOOST_OUTCOME_TRYV(read_signed_headers(parts["SignedHeaders"], authorization));
  BOOST_OUTCOME_TRYV(read_signature(parts["Signature"], authorization));
  return authorization;
}

Result<Authorization> parse_presigned_query(std::string_view query) {
  std::map<std::string, std::string> parts;
  for (const std::string_view part : split(query, '&')) {
    const auto [name, value] = name_and_value(part);
    parts[core::percent_decode(name)] = core::percent_decode(value);
  }
  for (const char* const name :
       {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Date"}) {
    if (!parts.contains(name)) {
      return fail(ErrorCode::Malformed,
                  "A signature in the query requires '" + std::string{name} + "' parameter.");
    }
  }
  if (parts["X-Amz-Algorithm"] != kAlgorithm) {
    return fail(ErrorCode::Malformed, "X-Amz-Algorithm must be 'AWS4-HMAC-SHA256'.");
  }
  Authorization authorization;
  BOOST_OUTCOME_TRYV(read_credential(parts["X-Amz-Credential"], authorization));
  BOOST_OUTCOME_TRYV(read_signed_headers(parts["X-Amz-SignedHeaders"], authorization));
  BOOST_OUTCOME_TRYV(read_signature(parts["X-Amz-Signature"], authorization));
  authorization.amz_date = parts["X-Amz-Date"];
  authorization.security_token = parts["X-Amz-Security-Token"];
  authorization.expires = parts["X-Amz-Expires"];
  return authorization;
}

}  // namespace ebagent::aws
