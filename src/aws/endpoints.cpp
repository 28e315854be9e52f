#include "aws/endpoints.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace ebagent::aws {
namespace {

constexpr std::string_view kReal = "aws";

struct Names {
  Service service;
  std::string_view option;
  std::string_view signing;
  std::string_view variable;  // of the AWS tools, after AWS_ENDPOINT_URL_, where it is not the option's name
};

constexpr std::array kServices{
    Names{Service::Sqs, "SQS", "sqs", ""},
    Names{Service::Sns, "SNS", "sns", ""},
    Names{Service::Lambda, "LAMBDA", "lambda", ""},
    Names{Service::Sfn, "SFN", "states", ""},
    Names{Service::Logs, "LOGS", "logs", "CLOUDWATCH_LOGS"},
    Names{Service::Kinesis, "KINESIS", "kinesis", ""},
    Names{Service::Firehose, "FIREHOSE", "firehose", ""},
};

const Names& names(Service service) {
  return *std::find_if(kServices.begin(), kServices.end(),
                       [&](const Names& known) { return known.service == service; });
}

std::string upper(std::string_view text) {
  std::string result{text};
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return result;
}

bool is_service(const std::string& name) {
  return std::any_of(kServices.begin(), kServices.end(),
                     [&](const Names& known) { return known.option == name; });
}

std::string all_services() {
  std::string list;
  for (const Names& known : kServices) list.append(list.empty() ? "" : ", ").append(known.option);
  return list;
}

Result<std::string> checked_url(std::string url, const std::string& setting) {
  const bool is_url = url.starts_with("http://") || url.starts_with("https://");
  if (!is_url && url != kReal) {
    return fail(ErrorCode::InvalidArgument,
                setting +
                    ": an endpoint is a URL as http://127.0.0.1:4566, or the word aws "
                    "for the real one.");
  }
  while (url.ends_with('/')) url.pop_back();
  return url;
}

}  // namespace

std::string_view name_of(Service service) {
  return names(service).option;
}

std::string_view signing_name(Service service) {
  return names(service).signing;
}

Result<Endpoints> Endpoints::from(const std::vector<std::string>& options, const Environment& environment) {
  Endpoints endpoints;
  for (const std::string& option : options) {
    const auto equals = option.find('=');
    const bool names_service = equals != std::string::npos && option.find(':') > equals;
    const std::string service =
        names_service ? upper(std::string_view{option}.substr(0, equals)) : std::string{};
    if (names_service && !is_service(service)) {
      return fail(ErrorCode::InvalidArgument, "--aws-endpoint " + option + ": there is no service " +
                                                  service + " here; there are " + all_services() + ".");
    }
    BOOST_OUTCOME_TRY(
        endpoints.urls_[service],
        checked_url(names_service ? option.substr(equals + 1) : option, "--aws-endpoint " + option));
  }
  // For every service the command line is silent about.
  const bool speaks_for_all = endpoints.urls_.contains("");
  if (environment("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") == "true" || speaks_for_all) return endpoints;
  const auto take = [&](const std::string& variable, std::string_view service) -> Result<void> {
    std::string url = environment(variable);
    if (url.empty() || endpoints.urls_.contains(service)) return success();
    BOOST_OUTCOME_TRY(endpoints.urls_[std::string{service}], checked_url(std::move(url), variable));
    return success();
  };
  for (const Names& known : kServices) {
    BOOST_OUTCOME_TRYV(take("AWS_ENDPOINT_URL_" + std::string{known.option}, known.option));
    if (known.variable.empty()) continue;
    BOOST_OUTCOME_TRYV(take("AWS_ENDPOINT_URL_" + std::string{known.variable}, known.option));
  }
  BOOST_OUTCOME_TRYV(take("AWS_ENDPOINT_URL", ""));
  return endpoints;
}

std::optional<std::string> Endpoints::url(Service service, std::string_view region) const {
  auto found = urls_.find(name_of(service));
  if (found == urls_.end()) found = urls_.find("");
  if (found == urls_.end()) return std::nullopt;
  if (found->second != kReal) return found->second;
  // Host names of services are their signing names.
  std::string url{"https://"};
  url.append(signing_name(service)).append(".").append(region).append(".amazonaws.com");
  if (region.starts_with("cn-")) url += ".cn";
  return url;
}

void Endpoints::leave_out_own(std::uint16_t port) {
  const auto found = urls_.find("");
  if (found == urls_.end()) return;
  for (const std::string host : {"127.0.0.1", "localhost", "[::1]", "0.0.0.0"}) {
    if (found->second != "http://" + host + ":" + std::to_string(port)) continue;
    urls_.erase(found);
    return;
  }
}

std::string Endpoints::how_to_set(Service service) {
  const std::string name{name_of(service)};
  return "No endpoint is set for " + name + ": start with --aws-endpoint " + name + "=URL (or " + name +
         "=aws for AWS itself), or set AWS_ENDPOINT_URL_" + name + ".";
}

}  // namespace ebagent::aws
