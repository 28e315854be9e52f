#include "mcp/server_spec.hpp"

#include <boost/describe.hpp>
#include <cctype>
#include <charconv>
#include <set>

#include "core/json.hpp"
#include "core/percent.hpp"
#include "ebagent/detail/decode.hpp"
#include "http/url.hpp"

namespace ebagent::mcp {
namespace {

using std::chrono::milliseconds;
using Texts = std::map<std::string, std::string>;

constexpr std::size_t kMaxNameLength = 32;  // leaves room for a tool's name behind it
constexpr std::string_view kSecret = "secret:";
constexpr std::string_view kPinAlgorithm = "sha256:";

// As it is written.
struct Entry {
  std::string name;
  std::optional<std::vector<std::string>> command;
  std::optional<std::string> url;
  std::optional<Texts> env;
  std::optional<Texts> headers;
  std::optional<bool> trusted;
  std::optional<bool> sensitive;
  std::optional<std::string> pin;
  std::optional<boost::json::value> timeout;
  std::optional<boost::json::value> start_timeout;
  std::optional<std::vector<std::string>> tools;
  std::optional<std::string> prefix;
  std::optional<std::vector<std::string>> roots;
};
BOOST_DESCRIBE_STRUCT(Entry, (),
                      (name, command, url, env, headers, trusted, sensitive, pin, timeout, start_timeout,
                       tools, prefix, roots))

auto wrong(const std::string& pointer, const std::string& what) {
  return fail(ErrorCode::InvalidArgument, pointer + ": " + what);
}

bool is_word(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; });
}

// A number is seconds; a text has its unit: 500ms, 30s, 2m.
Result<milliseconds> read_time(const boost::json::value& from, const std::string& pointer) {
  std::string text = from.is_string() ? std::string(from.get_string()) : core::write_json(from);
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string unit = text.substr(static_cast<std::size_t>(read.ptr - text.data()));
  const std::map<std::string, std::int64_t> units{{"", 1'000}, {"ms", 1}, {"s", 1'000}, {"m", 60'000}};
  const auto known = units.find(unit);
  const bool is_number = read.ec == std::errc() && known != units.end();
  if (!is_number || number < 1 || number > kMaxTimeout.count() / known->second) {
    return wrong(pointer, "expected a time of 1ms to 24 hours, as 30 (seconds), 500ms, 30s or 2m");
  }
  return milliseconds{number * known->second};
}

Result<void> fill_in_secrets(Texts& values, const std::string& pointer, const ResolveSecret& resolve) {
  for (auto& [name, value] : values) {
    const std::string here = pointer + "/" + name;
    const auto at = value.find(kSecret);
    if (at == std::string::npos || (at > 0 && value[at - 1] != ' ')) continue;
    const auto reference = secrets::SecretReference::parse(std::string_view(value).substr(at));
    if (!reference) return wrong(here, reference.error().message);
    const auto secret = resolve(reference.value());
    if (!secret) return fail(secret.error().code, here + ": " + secret.error().message);
    value = value.substr(0, at) + secret.value();
  }
  return success();
}

Result<void> check_url(const std::string& url, const std::string& pointer) {
  const auto parsed = http::parse_url(url);
  if (!parsed) return wrong(pointer, parsed.error().message);
  if (parsed.value().scheme != "https" && !parsed.value().is_loopback()) {
    return wrong(pointer, "is not encrypted; use https for servers that are not on this machine");
  }
  return success();
}

Result<std::string> to_uri(const std::string& folder, const std::string& pointer) {
  if (folder.starts_with("file:///")) return folder;
  if (!folder.starts_with('/')) return wrong(pointer, "expected the absolute path of a folder");
  std::string uri = "file://";
  for (const char c : folder) uri += c == '/' ? "/" : core::percent_encode({&c, 1});
  return uri;
}

Result<void> read_target(Entry& entry, const std::string& pointer, ServerSpec& spec) {
  if (entry.command.has_value() == entry.url.has_value()) {
    return wrong(pointer, "has either a command (a program and its arguments) or a url");
  }
  if (entry.command) {
    if (entry.command->empty() || entry.command->front().empty()) {
      return wrong(pointer + "/command", "expected a program and its arguments, as [npx, -y, some-server]");
    }
    if (entry.headers) return wrong(pointer + "/headers", "is for servers with a url; a command has an env");
    spec.command = std::move(*entry.command);
    return success();
  }
  if (entry.env) return wrong(pointer + "/env", "is for servers with a command; a url has headers");
  BOOST_OUTCOME_TRYV(check_url(*entry.url, pointer + "/url"));
  spec.url = std::move(*entry.url);
  return success();
}

Result<void> read_names(Entry& entry, const std::string& pointer, ServerSpec& spec) {
  if (entry.name.empty() || entry.name.size() > kMaxNameLength || !is_word(entry.name)) {
    return wrong(pointer + "/name",
                 "expected 1 to " + std::to_string(kMaxNameLength) + " letters, digits, _ or -");
  }
  spec.name = entry.name;
  spec.prefix = entry.prefix.value_or(entry.name + "_");
  if (!is_word(spec.prefix)) return wrong(pointer + "/prefix", "expected letters, digits, _ or -");
  if (entry.pin) {
    const bool is_pin =
        entry.pin->starts_with(kPinAlgorithm) && entry.pin->size() == kPinAlgorithm.size() + 64 &&
        entry.pin->find_first_not_of("0123456789abcdef", kPinAlgorithm.size()) == std::string::npos;
    if (!is_pin) {
      return wrong(pointer + "/pin", "expected sha256: and 64 hexadecimal digits, as `mcp tools` shows them");
    }
    spec.pin = *entry.pin;
  }
  return success();
}

Result<ServerSpec> to_spec(Entry entry, const std::string& pointer, const ResolveSecret& resolve) {
  ServerSpec spec;
  BOOST_OUTCOME_TRYV(read_names(entry, pointer, spec));
  BOOST_OUTCOME_TRYV(read_target(entry, pointer, spec));
  spec.environment = entry.env.value_or(Texts{});
  spec.headers = entry.headers.value_or(Texts{});
  BOOST_OUTCOME_TRYV(fill_in_secrets(spec.environment, pointer + "/env", resolve));
  BOOST_OUTCOME_TRYV(fill_in_secrets(spec.headers, pointer + "/headers", resolve));
  spec.is_trusted = entry.trusted.value_or(false);
  spec.is_sensitive = entry.sensitive.value_or(false);
  spec.tools = std::move(entry.tools);
  if (entry.timeout) {
    BOOST_OUTCOME_TRY(spec.timeout, read_time(*entry.timeout, pointer + "/timeout"));
  }
  if (entry.start_timeout) {
    BOOST_OUTCOME_TRY(spec.start_timeout, read_time(*entry.start_timeout, pointer + "/start_timeout"));
  }
  const auto roots = entry.roots.value_or(std::vector<std::string>{});
  for (std::size_t i = 0; i < roots.size(); ++i) {
    BOOST_OUTCOME_TRY(auto uri, to_uri(roots[i], pointer + "/roots/" + std::to_string(i)));
    spec.roots.push_back(std::move(uri));
  }
  return spec;
}

}  // namespace

Result<std::vector<ServerSpec>> read_server_specs(std::string_view json, const ResolveSecret& resolve) {
  BOOST_OUTCOME_TRY(const auto value, core::parse_json(json));
  BOOST_OUTCOME_TRY(auto entries, detail::decode<std::vector<Entry>>(value));
  if (entries.size() > kMaxServers) {
    return fail(ErrorCode::LimitExceeded,
                "There are more than " + std::to_string(kMaxServers) + " MCP servers.");
  }
  std::vector<ServerSpec> specs;
  std::set<std::string> names;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::string pointer = "/" + std::to_string(i);
    BOOST_OUTCOME_TRY(auto spec, to_spec(std::move(entries[i]), pointer, resolve));
    if (!names.insert(spec.name).second)
      return wrong(pointer + "/name", "is the name of another server as well");
    specs.push_back(std::move(spec));
  }
  return specs;
}

}  // namespace ebagent::mcp
