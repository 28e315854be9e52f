"""What test suites of others need of a server: a reset, and PutEvents that answers when its work is done."""
import urllib.error
import urllib.request

GENERIC = "arn:aws:lambda:us-west-2:123456789012:function:generic"


def reset(server):
    request = urllib.request.Request(server.url + "/_eventbridge/reset", b"", method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code


def put_an_event(client):
    client.put_rule(Name="all", EventPattern='{"source":["myapp"]}')
    client.put_targets(Rule="all", Targets=[{"Id": "1", "Arn": GENERIC}])
    client.put_events(Entries=[{"Source": "myapp", "DetailType": "x", "Detail": "{}"}])


def test_put_events_answers_after_the_first_attempts(start_server):
    server = start_server("--answer-after-delivery")

    put_an_event(server.client())

    assert [run["state"] for run in server.runs()] == ["succeeded"]


def test_a_reset_forgets_everything_and_the_server_works_on(start_server):
    server = start_server("--allow-reset", "--answer-after-delivery")
    client = server.client()
    client.create_event_bus(Name="shop")
    put_an_event(client)

    assert reset(server) == 200

    assert client.list_rules()["Rules"] == [] and len(client.list_event_buses()["EventBuses"]) == 1
    assert server.runs() == []
    put_an_event(client)
    assert len(server.runs()) == 1
    assert server.stop() == 0
    assert len(start_server("--allow-reset", data=server.data).client().list_rules()["Rules"]) == 1


def test_a_reset_is_refused_unless_allowed(server):
    put_an_event(server.client())

    assert reset(server) == 403
    assert len(server.client().list_rules()["Rules"]) == 1
