"""What is old goes while the server works, and nothing that is still needed."""
import sqlite3

from conftest import run_binary, run_json, wait_for

GENERIC = "arn:aws:lambda:us-west-2:123456789012:function:generic"
NOBODY = "arn:aws:sqs:us-west-2:123456789012:nobody"


def events_in(server):
    store = sqlite3.connect(f"file:{server.data}/events.db?mode=ro", uri=True, timeout=10)
    try:
        return [source for (source,) in store.execute("SELECT json_extract(json, '$.source') FROM events ORDER BY seq")]
    finally:
        store.close()


def test_delivered_events_go_when_the_store_is_too_large_and_dead_letters_stay(start_server):
    server = start_server()
    client = server.client()
    for source, arn in (("taken", GENERIC), ("refused", NOBODY)):
        client.put_rule(Name=source, EventPattern=f'{{"source":["{source}"]}}')
        client.put_targets(Rule=source, Targets=[{"Id": "1", "Arn": arn}])
        client.put_events(Entries=[{"Source": source, "DetailType": "x", "Detail": "{}"}] * 5)
    server.wait_for_runs(5)
    wait_for(lambda: len(run_json("dlq", "list", "--data", server.data)["dead_letters"]) == 5, "five dead letters")
    assert server.stop() == 0

    again = start_server("--keep-size", "1kb", data=server.data)

    wait_for(lambda: events_in(again) == ["refused"] * 5, "delivered events to be removed")
    assert len(again.client().list_rules()["Rules"]) == 2


def test_how_long_things_are_kept_must_be_a_duration():
    refused = run_binary("serve", "--keep", "a while")

    assert refused.returncode == 2
    assert "--keep" in refused.stderr
