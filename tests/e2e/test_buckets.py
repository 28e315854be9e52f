"""A file put into a watched folder becomes an S3 event of the shape that AWS sends, and is worked on."""
import json

from conftest import run_json, wait_for

CSV = "order_id,customer,email,amount,quantity,country,ordered_on,gift,note\nA1,Jane Doe,jane@example.com,5.50,1,DE,2026-01-26,false,hello\n"


def test_a_file_put_into_a_watched_folder_is_loaded(start_server, tmp_path):
    folder = tmp_path / "uploads"
    folder.mkdir()
    server = start_server("--bucket", f"uploads={folder}")

    (folder / "january.csv").write_text(CSV, encoding="utf-8")

    def loaded():
        return (folder / "processed/january.csv.json").exists()
    wait_for(loaded, "the summary beside the upload")
    run = wait_for(lambda: [run for run in server.runs() if "Loaded 1 of 1 rows" in run["result"]], "the run of the upload")[0]
    event = run_json("runs", "show", run["id"], "--data", server.data)["event"]
    assert event["source"] == "aws.s3"
    assert event["resources"] == ["arn:aws:s3:::uploads"]
    assert event["detail"]["bucket"] == {"name": "uploads"}
    assert event["detail"]["object"]["key"] == "january.csv"


def test_what_the_agent_stores_in_the_folder_does_not_start_it_again_for_ever(start_server, tmp_path):
    folder = tmp_path / "uploads"
    folder.mkdir()
    server = start_server("--bucket", f"uploads={folder}")

    (folder / "january.csv").write_text(CSV, encoding="utf-8")

    runs = server.wait_for_runs(2)  # the upload, and its result, which is left alone
    (folder / "february.csv").write_text(CSV, encoding="utf-8")
    assert len(server.wait_for_runs(4)) == 4
    assert sum("this is a result of an earlier upload" in run["result"] for run in server.runs()) == 2
    assert len(runs) == 2


def test_existing_files_are_reported_on_demand_and_each_version_once(start_server, tmp_path):
    folder = tmp_path / "uploads"
    folder.mkdir()
    (folder / "old.csv").write_text(CSV, encoding="utf-8")
    server = start_server("--bucket", f"uploads={folder}", "--existing")
    server.wait_for_runs(2)  # the file, and the summary the agent stores for it

    assert server.stop() == 0
    server.start()
    (folder / "new.csv").write_text(CSV, encoding="utf-8")

    runs = server.wait_for_runs(4)
    keys = [run_json("runs", "show", run["id"], "--data", server.data)["event"]["detail"]["object"]["key"] for run in runs]
    assert sorted(keys) == ["new.csv", "old.csv", "processed/new.csv.json", "processed/old.csv.json"]


def test_the_folders_rule_is_visible(start_server, tmp_path):
    server = start_server("--bucket", f"uploads={tmp_path}")

    rule = server.client().describe_rule(Name="bucket-uploads")

    assert json.loads(rule["EventPattern"])["detail"] == {"bucket": {"name": ["uploads"]}}
    assert rule["ManagedBy"] == "eventbridge-agent"
