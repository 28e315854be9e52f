#include "server/aws_api/patterns.hpp"
#include "server/aws_api/shape_forms.hpp"
#include "server/aws_api/shapes.hpp"

namespace ebagent::server::aws_api::shapes {
namespace {

constexpr std::string_view kConnectionArnPattern =
    R"(^arn:aws([a-z]|\-)*:events:([a-z]|\d|\-)*:([0-9]{12})?:connection\/[\.\-_A-Za-z0-9]+\/[\-A-Za-z0-9]+$)";

constexpr Shape kName = text_like(1, 64, is_resource_name, R"([\.\-_A-Za-z0-9]+)");
constexpr Shape kDescription = text(0, 512);
constexpr Shape kKmsKey = text_like(0, 2048, is_kms_key, R"(^[a-zA-Z0-9_\-/:]*$)");
constexpr Shape kNextToken = text(1, 2048);
constexpr Shape kLimit = number(1, 100);
constexpr Shape kBoolean{.type = Shape::Type::Boolean};
constexpr Shape kConnectionArn = text_like(1, 1600, is_connection_arn, kConnectionArnPattern);
constexpr Shape kEndpoint = text_like(
    1, 2048, is_endpoint, R"(^((%[0-9A-Fa-f]{2}|[-()_.!~*';/?:@\x26=+$,A-Za-z0-9])+)([).!';/?:,])?$)");

// ---- what a connection adds to requests
// --------------------------------------------------------------------

constexpr Shape kHeaderKey = text_like(0, 512, is_header_name, R"(^[!#$%&'*+-.^_`|~0-9a-zA-Z]+$)");
constexpr Shape kHeaderValue =
    secret(text_like(0, 512, is_header_value, R"(^[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*$)"));
constexpr Member kHeaderMembers[] = {
    {"Key", &kHeaderKey}, {"Value", &kHeaderValue}, {"IsValueSecret", &kBoolean}};
constexpr Shape kHeader = structure(kHeaderMembers);
constexpr Shape kHeaders = list_of(kHeader, 0, 100);
constexpr Shape kQueryKey = text_like(0, 512, is_query_name, R"([^\x00-\x1F\x7F]+)");
constexpr Shape kQueryValue =
    secret(text_like(0, 512, is_query_value, R"([^\x00-\x09\x0B\x0C\x0E-\x1F\x7F]+)"));
constexpr Member kQueryMembers[] = {
    {"Key", &kQueryKey}, {"Value", &kQueryValue}, {"IsValueSecret", &kBoolean}};
constexpr Shape kQuery = structure(kQueryMembers);
constexpr Shape kQueries = list_of(kQuery, 0, 100);
constexpr Shape kBodyKey = text(0, Shape::kUnbounded);
constexpr Shape kBodyValue = secret(text(0, Shape::kUnbounded));
constexpr Member kBodyMembers[] = {{"Key", &kBodyKey}, {"Value", &kBodyValue}, {"IsValueSecret", &kBoolean}};
constexpr Shape kBody = structure(kBodyMembers);
constexpr Shape kBodies = list_of(kBody, 0, 100);
constexpr Member kHttpMembers[] = {
    {"HeaderParameters", &kHeaders}, {"QueryStringParameters", &kQueries}, {"BodyParameters", &kBodies}};
constexpr Shape kHttp = structure(kHttpMembers);

// ---- who it is
// ---------------------------------------------------------------------------------------------

constexpr std::string_view kAuthPattern = R"(^[ \t]*[^\x00-\x1F:\x7F]+([ \t]+[^\x00-\x1F:\x7F]+)*[ \t]*$)";
constexpr Shape kAuthText = text_like(1, 512, is_auth_header_parameter, kAuthPattern);
constexpr Shape kAuthSecret = secret(kAuthText);
constexpr std::string_view kOAuthMethods[] = {"GET", "POST", "PUT"};
constexpr Shape kOAuthMethod = one_of(kOAuthMethods);
constexpr Shape kResourceArn = text(0, 2048);
constexpr Member kResourceMembers[] = {{"ResourceConfigurationArn", &kResourceArn, true}};
constexpr Shape kResource = structure(kResourceMembers);
constexpr Member kConnectivityMembers[] = {{"ResourceParameters", &kResource, true}};
constexpr Shape kConnectivity = structure(kConnectivityMembers);

constexpr Member kCreateBasicMembers[] = {{"Username", &kAuthText, true}, {"Password", &kAuthSecret, true}};
constexpr Member kUpdateBasicMembers[] = {{"Username", &kAuthText}, {"Password", &kAuthSecret}};
constexpr Member kCreateApiKeyMembers[] = {{"ApiKeyName", &kAuthText, true},
                                           {"ApiKeyValue", &kAuthSecret, true}};
constexpr Member kUpdateApiKeyMembers[] = {{"ApiKeyName", &kAuthText}, {"ApiKeyValue", &kAuthSecret}};
constexpr Member kCreateClientMembers[] = {{"ClientID", &kAuthText, true},
                                           {"ClientSecret", &kAuthSecret, true}};
constexpr Member kUpdateClientMembers[] = {{"ClientID", &kAuthText}, {"ClientSecret", &kAuthSecret}};
constexpr Shape kCreateBasic = structure(kCreateBasicMembers);
constexpr Shape kUpdateBasic = structure(kUpdateBasicMembers);
constexpr Shape kCreateApiKey = structure(kCreateApiKeyMembers);
constexpr Shape kUpdateApiKey = structure(kUpdateApiKeyMembers);
constexpr Shape kCreateClient = structure(kCreateClientMembers);
constexpr Shape kUpdateClient = structure(kUpdateClientMembers);
constexpr Member kCreateOAuthMembers[] = {{"ClientParameters", &kCreateClient, true},
                                          {"AuthorizationEndpoint", &kEndpoint, true},
                                          {"HttpMethod", &kOAuthMethod, true},
                                          {"OAuthHttpParameters", &kHttp}};
constexpr Member kUpdateOAuthMembers[] = {{"ClientParameters", &kUpdateClient},
                                          {"AuthorizationEndpoint", &kEndpoint},
                                          {"HttpMethod", &kOAuthMethod},
                                          {"OAuthHttpParameters", &kHttp}};
constexpr Shape kCreateOAuth = structure(kCreateOAuthMembers);
constexpr Shape kUpdateOAuth = structure(kUpdateOAuthMembers);
constexpr Member kCreateAuthMembers[] = {{"BasicAuthParameters", &kCreateBasic},
                                         {"OAuthParameters", &kCreateOAuth},
                                         {"ApiKeyAuthParameters", &kCreateApiKey},
                                         {"InvocationHttpParameters", &kHttp},
                                         {"ConnectivityParameters", &kConnectivity}};
constexpr Member kUpdateAuthMembers[] = {{"BasicAuthParameters", &kUpdateBasic},
                                         {"OAuthParameters", &kUpdateOAuth},
                                         {"ApiKeyAuthParameters", &kUpdateApiKey},
                                         {"InvocationHttpParameters", &kHttp},
                                         {"ConnectivityParameters", &kConnectivity}};
constexpr Shape kCreateAuth = structure(kCreateAuthMembers);
constexpr Shape kUpdateAuth = structure(kUpdateAuthMembers);
constexpr std::string_view kAuthorizationTypes[] = {"BASIC", "OAUTH_CLIENT_CREDENTIALS", "API_KEY"};
constexpr Shape kAuthorizationType = one_of(kAuthorizationTypes);
constexpr std::string_view kConnectionStates[] = {"CREATING",      "UPDATING",     "DELETING",
                                                  "AUTHORIZED",    "DEAUTHORIZED", "AUTHORIZING",
                                                  "DEAUTHORIZING", "ACTIVE",       "FAILED_CONNECTIVITY"};
constexpr Shape kConnectionState = one_of(kConnectionStates);

// ---- operations
// --------------------------------------------------------------------------------------------

constexpr Member kCreateConnectionMembers[] = {{"Name", &kName, true},
                                               {"Description", &kDescription},
                                               {"AuthorizationType", &kAuthorizationType, true},
                                               {"AuthParameters", &kCreateAuth, true},
                                               {"InvocationConnectivityParameters", &kConnectivity},
                                               {"KmsKeyIdentifier", &kKmsKey}};
constexpr Member kUpdateConnectionMembers[] = {{"Name", &kName, true},
                                               {"Description", &kDescription},
                                               {"AuthorizationType", &kAuthorizationType},
                                               {"AuthParameters", &kUpdateAuth},
                                               {"InvocationConnectivityParameters", &kConnectivity},
                                               {"KmsKeyIdentifier", &kKmsKey}};
constexpr Member kReferenceMembers[] = {{"Name", &kName, true}};
constexpr Member kListConnectionsMembers[] = {{"NamePrefix", &kName},
                                              {"ConnectionState", &kConnectionState},
                                              {"NextToken", &kNextToken},
                                              {"Limit", &kLimit}};

// In the order in which AWS lists them.
constexpr std::string_view kMethods[] = {"HEAD", "POST", "PATCH", "DELETE", "PUT", "GET", "OPTIONS"};
constexpr Shape kMethod = one_of(kMethods);
constexpr Shape kRateLimit = number(1, std::numeric_limits<std::int32_t>::max());
constexpr Member kCreateDestinationMembers[] = {{"Name", &kName, true},
                                                {"Description", &kDescription},
                                                {"ConnectionArn", &kConnectionArn, true},
                                                {"InvocationEndpoint", &kEndpoint, true},
                                                {"HttpMethod", &kMethod, true},
                                                {"InvocationRateLimitPerSecond", &kRateLimit}};
constexpr Member kUpdateDestinationMembers[] = {{"Name", &kName, true},
                                                {"Description", &kDescription},
                                                {"ConnectionArn", &kConnectionArn},
                                                {"InvocationEndpoint", &kEndpoint},
                                                {"HttpMethod", &kMethod},
                                                {"InvocationRateLimitPerSecond", &kRateLimit}};
constexpr Member kListDestinationsMembers[] = {{"NamePrefix", &kName},
                                               {"ConnectionArn", &kConnectionArn},
                                               {"NextToken", &kNextToken},
                                               {"Limit", &kLimit}};

}  // namespace

const Shape kCreateConnection = structure(kCreateConnectionMembers);
const Shape kUpdateConnection = structure(kUpdateConnectionMembers);
const Shape kConnectionReference = structure(kReferenceMembers);
const Shape kListConnections = structure(kListConnectionsMembers);
const Shape kCreateApiDestination = structure(kCreateDestinationMembers);
const Shape kUpdateApiDestination = structure(kUpdateDestinationMembers);
const Shape kApiDestinationReference = structure(kReferenceMembers);
const Shape kListApiDestinations = structure(kListDestinationsMembers);

}  // namespace ebagent::server::aws_api::shapes
