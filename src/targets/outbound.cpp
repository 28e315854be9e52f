#include "targets/outbound.hpp"

#include <utility>

#include "targets/file_target.hpp"
#include "targets/http_target.hpp"
#include "targets/kinesis_target.hpp"
#include "targets/lambda_target.hpp"
#include "targets/logs_target.hpp"
#include "targets/sns_target.hpp"
#include "targets/sqs_target.hpp"
#include "targets/step_functions_target.hpp"

namespace ebagent::targets {

Outbound::Outbound(http::Client& http, std::vector<std::unique_ptr<aws::CredentialSource>> credentials,
                   OutboundSettings settings, const Clock& clock)
    : http_(http),
      settings_(std::move(settings)),
      credentials_(std::move(credentials), clock),
      aws_(http, settings_.endpoints, credentials_, clock) {}

Result<void> Outbound::serve(delivery::SenderTable& senders, std::shared_ptr<delivery::TargetSender> agents) {
  senders.serve_service("sqs", std::make_shared<SqsTarget>(aws_));
  senders.serve_service("sns", std::make_shared<SnsTarget>(aws_));
  senders.serve_service("lambda", std::make_shared<LambdaTarget>(std::move(agents), aws_));
  senders.serve_service("states", std::make_shared<StepFunctionsTarget>(aws_));
  senders.serve_service("logs", std::make_shared<LogsTarget>(aws_));
  senders.serve_service("kinesis", std::make_shared<KinesisTarget>(aws_));
  senders.serve_service("firehose", std::make_shared<FirehoseTarget>(aws_));

  std::shared_ptr<delivery::TargetSender> http = std::make_shared<HttpTarget>(http_);
  if (settings_.http_targets == OutboundSettings::HttpTargets::Closed) {
    http = std::make_shared<ClosedTarget>(
        "Targets that are URLs are off while the server listens to the network; start it with "
        "--allow-http-targets.");
  }
  senders.serve_service("http", http);
  senders.serve_service("https", http);

  std::shared_ptr<delivery::TargetSender> file = std::make_shared<ClosedTarget>(
      "Targets that are files are off; start the server with --file-targets DIR.");
  if (settings_.file_targets) {
    BOOST_OUTCOME_TRY(file, FileTarget::below(*settings_.file_targets));
  }
  senders.serve_service("file", std::move(file));
  senders.serve_service("stdout", std::make_shared<StdoutTarget>());
  return success();
}

}  // namespace ebagent::targets
