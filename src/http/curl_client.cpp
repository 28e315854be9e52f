#include "http/curl_client.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <exception>
#include <list>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "http/trust.hpp"
#include "http/url.hpp"

namespace ebagent::http {
namespace {

// Header lines of an answer beyond this are no answer of a service.
constexpr std::size_t kMaxHeaderBytes = std::size_t{64} * 1024;

// Of each request whose body is larger; the smallest that libcurl has, since many requests may wait at once.
constexpr long kUploadBuffer = 16L * 1024;

constexpr const char* kUserAgent = "eventbridge-agent";

using EasyHandle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using HeaderList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

struct Connection {
  std::string origin;  // and the address, when it was given
  HeaderList route;    // outlives the handle
  EasyHandle easy;
};

// Why a transfer was ended from within a callback.
enum class Ending {
  None,
  Cut,       // at its bound, as the caller wished
  Enough,    // the caller of on_body wants no more
  TooLarge,  // the answer
  Silent,    // no byte for too long
  Cancelled,
};

// Where an answer is put together.
struct Incoming {
  const Request& request;
  CURL* easy;
  Response response = {};
  std::size_t header_bytes = 0;
  std::size_t body_bytes = 0;
  Ending ending = Ending::None;
  std::exception_ptr thrown =
      {};  // by a callback of the caller; libcurl's frames are no place for it to pass
  // Of the last byte in any direction.
  std::chrono::steady_clock::time_point last_byte = std::chrono::steady_clock::now();
  curl_off_t sent = 0;
};

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::size_t on_header(const char* data, std::size_t, std::size_t size, void* into) {
  auto& incoming = *static_cast<Incoming*>(into);
  incoming.last_byte = std::chrono::steady_clock::now();
  const std::string_view line{data, size};
  if (line.starts_with("HTTP/")) {  // of a redirect or an interim answer what came before is void
    incoming.response.headers.clear();
    incoming.header_bytes = 0;
  }
  incoming.header_bytes += size;
  if (incoming.header_bytes > kMaxHeaderBytes) {
    incoming.ending = Ending::TooLarge;
    return 0;
  }
  const auto colon = line.find(':');
  if (colon != std::string_view::npos) {
    incoming.response.headers.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
  }
  return size;
}

int status_of(CURL* easy) {
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  return static_cast<int>(status);
}

// Hands a piece to the caller; false ends the transfer.
bool hand_on(Incoming& incoming, std::string_view piece) {
  try {
    if (incoming.request.on_body(piece)) return true;
    incoming.ending = Ending::Enough;
  } catch (...) {
    incoming.thrown = std::current_exception();
  }
  return false;
}

std::size_t on_body(const char* data, std::size_t, std::size_t size, void* into) {
  auto& incoming = *static_cast<Incoming*>(into);
  incoming.last_byte = std::chrono::steady_clock::now();
  const Request& request = incoming.request;
  const bool may_cut = request.oversize == Request::Oversize::Cut;
  const std::size_t room = request.max_response_bytes - incoming.body_bytes;
  const std::string_view piece{data, std::min(size, room)};
  if (size > room) incoming.ending = may_cut ? Ending::Cut : Ending::TooLarge;
  if (size > room && !may_cut) return 0;
  incoming.body_bytes += piece.size();
  const int status = request.on_body ? status_of(incoming.easy) : 0;
  if (status >= 200 && status < 300) {
    if (!hand_on(incoming, piece)) return 0;
  } else {
    incoming.response.body.append(piece);
  }
  return piece.size();  // less than what came ends the transfer
}

// Called at every step of the transfer and about once a second while nothing happens; other than 0 ends it.
int on_progress(void* into, curl_off_t, curl_off_t, curl_off_t, curl_off_t sent) {
  auto& incoming = *static_cast<Incoming*>(into);
  const Request& request = incoming.request;
  const auto now = std::chrono::steady_clock::now();
  if (sent != incoming.sent) incoming.last_byte = now;
  incoming.sent = sent;
  try {
    if (request.is_cancelled && request.is_cancelled()) incoming.ending = Ending::Cancelled;
  } catch (...) {
    incoming.thrown = std::current_exception();
    return 1;
  }
  const auto silence = request.max_silence;
  if (silence.count() > 0 && now - incoming.last_byte > silence) incoming.ending = Ending::Silent;
  return incoming.ending == Ending::None ? 0 : 1;
}

CURLcode on_tls_context(CURL*, void* context, void* trust) {
  return static_cast<Trust*>(trust)->install(static_cast<SSL_CTX*>(context)) ? CURLE_OK
                                                                             : CURLE_SSL_CACERT_BADFILE;
}

bool has_line_break(std::string_view text) {
  return text.find_first_of(std::string_view{"\r\n\0", 3}) != std::string_view::npos;
}

std::optional<std::string> problem_with_headers(const Request& request) {
  for (const auto& [name, value] : request.headers) {
    if (name.empty() || has_line_break(name) || name.find_first_of(": ") != std::string::npos) {
      return "A header's name cannot be sent.";
    }
    if (has_line_break(value)) return "The value of header " + name + " contains a line break.";
  }
  return std::nullopt;
}

void append(HeaderList& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc{};
  static_cast<void>(list.release());
  list.reset(longer);
}

// Only what the caller names is sent, and what HTTP needs.
HeaderList header_list(const Request& request) {
  HeaderList list{nullptr, curl_slist_free_all};
  bool has_type = false;
  for (const auto& [name, value] : request.headers) {
    append(list, value.empty() ? name + ";" : name + ": " + value);
    has_type = has_type || curl_strequal(name.c_str(), "content-type") != 0;
  }
  append(list, "Expect:");
  if (!has_type) append(list, "Content-Type:");
  return list;
}

Failure failure_of(CURLcode code, const Incoming& incoming) {
  if (incoming.ending == Ending::TooLarge) return Failure::TooLarge;
  if (incoming.ending == Ending::Silent) return Failure::TimedOut;
  if (incoming.ending == Ending::Cancelled) return Failure::Cancelled;
  switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_INTERFACE_FAILED:
    case CURLE_PROXY:
      return Failure::Connect;
    case CURLE_OPERATION_TIMEDOUT:
      return Failure::TimedOut;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return Failure::Tls;
    case CURLE_URL_MALFORMAT:
      return Failure::InvalidRequest;
    default:
      return Failure::Protocol;
  }
}

}  // namespace

// Idle connections by server, those used last first.
class CurlClient::Pool {
 public:
  explicit Pool(CurlClientSettings settings)
      : trust_(settings.ca_file), max_idle_(settings.max_idle_connections) {
    static const CURLcode kReady = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (kReady != CURLE_OK) throw std::runtime_error("libcurl cannot be set up.");
  }

  // To the address, if it is not empty.
  Connection take(const Url& url, const std::string& address) {
    std::string origin = url.origin();
    if (!address.empty()) origin += "@" + address;
    {
      const std::scoped_lock lock{mutex_};
      const auto found = std::find_if(idle_.begin(), idle_.end(),
                                      [&](const Connection& idle) { return idle.origin == origin; });
      if (found != idle_.end()) {
        Connection connection = std::move(*found);
        idle_.erase(found);
        return connection;
      }
    }
    return open(url, std::move(origin), address);
  }

  void give_back(Connection connection) {
    std::optional<Connection> oldest;  // closed without the lock
    const std::scoped_lock lock{mutex_};
    idle_.push_front(std::move(connection));
    if (idle_.size() <= max_idle_) return;
    oldest = std::move(idle_.back());
    idle_.pop_back();
  }

 private:
  // What is the same for every request over this connection.
  Connection open(const Url& url, std::string origin, const std::string& address) {
    EasyHandle easy{curl_easy_init(), curl_easy_cleanup};
    if (easy == nullptr) throw std::bad_alloc{};
    CURL* const handle = easy.get();
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_MAXCONNECTS, 1L);
    curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(handle, CURLOPT_CAINFO, nullptr);
    curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
    curl_easy_setopt(handle, CURLOPT_SSL_CTX_FUNCTION, &on_tls_context);
    curl_easy_setopt(handle, CURLOPT_SSL_CTX_DATA, &trust_);
    curl_easy_setopt(handle, CURLOPT_USERAGENT, kUserAgent);
    curl_easy_setopt(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &on_header);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &on_body);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, &on_progress);
    curl_easy_setopt(handle, CURLOPT_UPLOAD_BUFFERSIZE, kUploadBuffer);
    if (url.is_loopback() || !address.empty()) curl_easy_setopt(handle, CURLOPT_PROXY, "");
    HeaderList route{nullptr, curl_slist_free_all};
    if (!address.empty()) {  // HOST:PORT:ADDRESS:PORT; what is left empty is any, and the URL's own
      const bool is_ipv6 = address.find(':') != std::string::npos;
      append(route, "::" + (is_ipv6 ? "[" + address + "]" : address) + ":");
      curl_easy_setopt(handle, CURLOPT_CONNECT_TO, route.get());
    }
    return {.origin = std::move(origin), .route = std::move(route), .easy = std::move(easy)};
  }

  Trust trust_;
  const std::size_t max_idle_;
  std::mutex mutex_;
  std::list<Connection> idle_;  // guarded by mutex_
};

namespace {

void set_method(CURL* easy, const Request& request) {
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  curl_easy_setopt(easy, CURLOPT_NOBODY, request.method == "HEAD" ? 1L : 0L);
  if (request.method == "HEAD") return;
  if (request.body.empty() && (request.method == "GET" || request.method == "DELETE")) {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    return;
  }
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
}

void set_bounds(CURL* easy, const Request& request) {
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, request.max_redirects > 0 ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_MAXREDIRS, static_cast<long>(request.max_redirects));
  const bool is_watched = request.is_cancelled || request.max_silence.count() > 0;
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, is_watched ? 0L : 1L);
}

std::string error_text(CURLcode code, const Incoming& incoming, const std::string& detail, const Url& url) {
  const std::string& host = url.authority;
  switch (incoming.ending) {
    case Ending::TooLarge:
      return "The answer of " + host + " is larger than " +
             std::to_string(incoming.request.max_response_bytes) + " bytes.";
    case Ending::Silent:
      return "No byte came from " + host + " for " + std::to_string(incoming.request.max_silence.count()) +
             " ms.";
    case Ending::Cancelled:
      return "The request to " + host + " was cancelled.";
    default:
      return "No answer from " + host + ": " + (detail.empty() ? curl_easy_strerror(code) : detail) + ".";
  }
}

Answer perform(CURL* easy, const Request& request, const Url& url) {
  const HeaderList headers = header_list(request);
  Incoming incoming{.request = request, .easy = easy};
  std::array<char, CURL_ERROR_SIZE> detail{};
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &incoming);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &incoming);
  curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &incoming);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail.data());
  set_method(easy, request);
  set_bounds(easy, request);
  const CURLcode code = curl_easy_perform(easy);
  // These are on this function's stack.
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, nullptr);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, nullptr);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, nullptr);
  const bool is_cut = incoming.ending == Ending::Cut || incoming.ending == Ending::Enough;
  if (incoming.thrown) std::rethrow_exception(incoming.thrown);
  if (code != CURLE_OK && !is_cut) {
    std::string text = error_text(code, incoming, std::string{trimmed(detail.data())}, url);
    return boost::outcome_v2::failure(TransportError{failure_of(code, incoming), std::move(text)});
  }
  incoming.response.status = status_of(easy);
  return std::move(incoming.response);
}

}  // namespace

CurlClient::CurlClient(CurlClientSettings settings) : pool_(std::make_unique<Pool>(std::move(settings))) {}

CurlClient::~CurlClient() = default;

Answer CurlClient::send(const Request& request) {
  const auto url = parse_url(request.url);
  if (!url) {
    return boost::outcome_v2::failure(TransportError{Failure::InvalidRequest, url.error().message});
  }
  if (auto problem = problem_with_headers(request)) {
    return boost::outcome_v2::failure(TransportError{Failure::InvalidRequest, *std::move(problem)});
  }
  Connection connection = pool_->take(url.value(), request.address);
  Answer answer = perform(connection.easy.get(), request, url.value());
  pool_->give_back(std::move(connection));
  return answer;
}

}  // namespace ebagent::http
