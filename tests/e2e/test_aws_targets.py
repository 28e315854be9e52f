"""Rules of the real binary whose targets are in AWS services, as moto serves them."""
import json

import pytest

from conftest import run_json, wait_for
from aws_services import ACCOUNT, REGION, Moto, put_events, put_rule


@pytest.fixture(scope="module")
def moto():
    server = Moto().start()
    yield server
    server.stop()


@pytest.fixture
def events(start_server, moto):
    return start_server("--aws-endpoint", moto.url).client()


def dead_letters(server):
    """The attributes of the dead letters, once there are some."""
    letters = wait_for(lambda: run_json("dlq", "list", "--data", server.data)["dead_letters"], "a dead letter")
    return [letter["attributes"] for letter in letters]


def received(moto, queue_url, count):
    messages = []

    def enough():
        messages.extend(moto.messages(queue_url))
        return messages if len(messages) >= count else None
    return wait_for(enough, f"{count} messages")


def test_sqs_gets_the_event(moto, events):
    url, arn = moto.queue("standard")
    put_rule(events, "to-sqs", [{"Id": "q", "Arn": arn}])

    ids = put_events(events, 25)

    messages = received(moto, url, 25)
    bodies = [json.loads(message["Body"]) for message in messages]
    assert sorted(body["id"] for body in bodies) == sorted(ids)
    assert sorted(body["detail"]["n"] for body in bodies) == list(range(25))


def test_sqs_gets_the_transformed_input(moto, events):
    url, arn = moto.queue("transformed")
    put_rule(events, "transformed", [{"Id": "q", "Arn": arn, "InputTransformer": {
        "InputPathsMap": {"n": "$.detail.n"}, "InputTemplate": "{\"order\": <n>, \"text\": \"ü \\\"<n>\\\"\"}"}}])

    put_events(events)

    assert json.loads(received(moto, url, 1)[0]["Body"]) == {"order": 0, "text": "ü \"0\""}


def test_a_fifo_queue_keeps_one_message_of_each_event_in_its_group(moto, events):
    url, arn = moto.queue("ordered.fifo", FifoQueue="true")
    put_rule(events, "to-fifo", [{"Id": "q", "Arn": arn, "SqsParameters": {"MessageGroupId": "orders"}}])

    put_events(events, 3)

    messages = received(moto, url, 3)
    assert {message["Attributes"]["MessageGroupId"] for message in messages} == {"orders"}
    assert len({message["Attributes"]["MessageDeduplicationId"] for message in messages}) == 3


def test_sns_publishes_to_its_subscribers(moto, events):
    url, queue_arn = moto.queue("subscriber")
    topic = moto.client("sns").create_topic(Name="orders")["TopicArn"]
    moto.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn)
    put_rule(events, "to-sns", [{"Id": "t", "Arn": topic}])

    ids = put_events(events, 1, text="a&b=c ü%")

    event = json.loads(json.loads(received(moto, url, 1)[0]["Body"])["Message"])
    assert event["id"] == ids[0]
    assert event["detail"]["text"] == "a&b=c ü%"


def test_step_functions_starts_one_execution_an_event(moto, events):
    role = f"arn:aws:iam::{ACCOUNT}:role/x"
    machine = moto.client("stepfunctions").create_state_machine(
        name="orders", roleArn=role, definition='{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}')
    arn = machine["stateMachineArn"]
    put_rule(events, "to-sfn", [{"Id": "m", "Arn": arn, "Input": '{"a": 1}'}])

    put_events(events, 2)

    sfn = moto.client("stepfunctions")
    executions = wait_for(lambda: len(found := sfn.list_executions(stateMachineArn=arn)["executions"]) == 2 and found,
                          "executions")
    assert json.loads(sfn.describe_execution(executionArn=executions[0]["executionArn"])["input"]) == {"a": 1}


def test_logs_get_a_stream_of_the_rule(moto, events):
    logs = moto.client("logs")
    logs.create_log_group(logGroupName="/aws/events/orders")
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/events/orders"
    put_rule(events, "to-logs", [{"Id": "plain", "Arn": arn}, {
        "Id": "shaped", "Arn": arn + ":*", "InputTransformer": {
            "InputPathsMap": {"t": "$.time", "n": "$.detail.n"},
            "InputTemplate": '{"timestamp": <t>, "message": "order <n>"}'}}])

    ids = put_events(events, 2)

    def messages(stream):
        try:
            return [event["message"] for event in logs.get_log_events(
                logGroupName="/aws/events/orders", logStreamName=stream)["events"]]
        except logs.exceptions.ResourceNotFoundException:
            return []
    plain = wait_for(lambda: len(found := messages("to-logs/plain")) == 2 and found, "log events")
    shaped = wait_for(lambda: len(found := messages("to-logs/shaped")) == 2 and found, "log events")
    assert sorted(json.loads(message)["id"] for message in plain) == sorted(ids)
    assert sorted(shaped) == ["order 0", "order 1"]


def test_kinesis_gets_records_under_their_partition_key(moto, events):
    kinesis = moto.client("kinesis")
    kinesis.create_stream(StreamName="orders", ShardCount=1)
    arn = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/orders"
    put_rule(events, "to-kinesis", [
        {"Id": "keyed", "Arn": arn, "KinesisParameters": {"PartitionKeyPath": "$.detail.n"}}, {"Id": "plain", "Arn": arn}])

    ids = put_events(events, 2)

    def records():
        shard = kinesis.describe_stream(StreamName="orders")["StreamDescription"]["Shards"][0]["ShardId"]
        start = kinesis.get_shard_iterator(StreamName="orders", ShardId=shard, ShardIteratorType="TRIM_HORIZON")
        found = kinesis.get_records(ShardIterator=start["ShardIterator"])["Records"]
        return found if len(found) == 4 else None
    found = wait_for(records, "records")
    assert sorted(record["PartitionKey"] for record in found) == sorted(["0", "1", *ids])
    assert {json.loads(record["Data"])["id"] for record in found} == set(ids)


def test_firehose_gets_records(moto, events):
    moto.client("s3").create_bucket(Bucket="hose", CreateBucketConfiguration={"LocationConstraint": REGION})
    moto.client("firehose").create_delivery_stream(
        DeliveryStreamName="orders", S3DestinationConfiguration={
            "RoleARN": f"arn:aws:iam::{ACCOUNT}:role/x", "BucketARN": "arn:aws:s3:::hose"})
    arn = f"arn:aws:firehose:{REGION}:{ACCOUNT}:deliverystream/orders"
    put_rule(events, "to-firehose", [{"Id": "f", "Arn": arn}])

    ids = put_events(events)

    s3 = moto.client("s3")
    objects = wait_for(lambda: s3.list_objects_v2(Bucket="hose").get("Contents"), "an object of Firehose")
    assert json.loads(s3.get_object(Bucket="hose", Key=objects[0]["Key"])["Body"].read())["id"] == ids[0]


@pytest.mark.parametrize("arn", [
    f"arn:aws:sqs:{REGION}:{ACCOUNT}:absent", f"arn:aws:sns:{REGION}:{ACCOUNT}:absent",
    f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:absent", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:absent",
    f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/absent", f"arn:aws:firehose:{REGION}:{ACCOUNT}:deliverystream/absent"])
def test_what_does_not_exist_is_given_up_at_once(moto, start_server, arn):
    server = start_server("--aws-endpoint", moto.url)
    put_rule(server.client(), "nowhere", [{"Id": "x", "Arn": arn}])

    put_events(server.client())

    letter = dead_letters(server)[0]
    assert letter["ERROR_CODE"] == "NO_RESOURCE", letter
    assert letter["RETRY_ATTEMPTS"] == 0


def test_without_an_endpoint_nothing_is_sent_and_the_dead_letter_says_what_to_set(start_server):
    server = start_server()
    put_rule(server.client(), "nowhere", [{"Id": "x", "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"}])

    put_events(server.client())

    letter = dead_letters(server)[0]
    assert letter["ERROR_CODE"] == "NO_RESOURCE"
    assert "--aws-endpoint SQS=URL" in letter["ERROR_MESSAGE"]


def test_signatures_are_what_a_service_that_checks_them_wants(start_server):
    strict = Moto(INITIAL_NO_AUTH_ACTION_COUNT="5").start()
    try:
        iam = strict.client("iam")
        iam.create_user(UserName="bus")
        key = iam.create_access_key(UserName="bus")["AccessKey"]
        iam.put_user_policy(UserName="bus", PolicyName="all", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}))
        url, arn = strict.queue("checked")
        iam.get_user(UserName="bus")  # the last action that is not checked
        keys = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}

        good = start_server("--aws-endpoint", strict.url, env=keys)
        put_rule(good.client(), "checked", [{"Id": "q", "Arn": arn}])
        put_events(good.client())
        sqs = strict.client("sqs", key["AccessKeyId"], key["SecretAccessKey"])
        wait_for(lambda: sqs.receive_message(QueueUrl=url).get("Messages"), "the message")

        assert good.stop() == 0
        bad = start_server("--aws-endpoint", strict.url, env={**keys, "AWS_SECRET_ACCESS_KEY": "wrong"})
        put_events(bad.client())
        assert dead_letters(bad)[0]["ERROR_CODE"] == "NO_PERMISSIONS"
    finally:
        strict.stop()
