"""A plugin of pytest that keeps a record of the tests, and a program that prints it as TAP, which Orca and Bottlenose read.

    python3 -m pytest -p tap_plugin --collect-only   writes the plan: all tests, with names and points
    python3 -m pytest -p tap_plugin                  runs the tests, and writes down each when it starts and when it ends
    python3 tap_plugin.py                            prints plan and record as TAP 13

The report is made by a program of its own, from files: however the one with the submission ends, be it os._exit(0), every
test of the plan is in the report, and only what has been seen to pass has passed.
"""

import json
import signal
import traceback
from pathlib import Path

PLAN = Path("tap-plan.json")
RECORD = Path("tap-record.jsonl")
# Of one test. Much more than a test needs, for computers that have much else to do.
SECONDS_MAX = 5
MESSAGE_CHARACTERS_MAX = 4000


# What pytest calls.


def pytest_configure(config):
    config.addinivalue_line("markers", "points(number): what a test is worth; 1 where it does not say")


def pytest_collection_finish(session):
    if session.config.option.collectonly:
        PLAN.write_text(json.dumps([planned(item) for item in session.items]), encoding="utf-8")


def pytest_runtest_setup(item):
    record(item.nodeid, "started")
    signal.signal(signal.SIGALRM, stop_test)
    signal.alarm(SECONDS_MAX)


def pytest_runtest_teardown(item):
    signal.alarm(0)


def pytest_runtest_logreport(report):
    if report.failed:
        record(report.nodeid, "failed", message=message_of(report), text=report.longreprtext)
    elif report.when == "call":
        record(report.nodeid, "passed" if report.passed else "failed", message="This test was left out")


def planned(item):
    mark = item.get_closest_marker("points")
    lines = (item.function.__doc__ or item.name).strip().splitlines()
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    return {"id": item.nodeid, "name": lines[0].format(**parameters), "points": mark.args[0] if mark else 1}


def stop_test(signal_number, frame):
    # Here, since the report does without it.
    import pytest

    folder = Path(__file__).parent
    stack = [place for place in traceback.extract_stack(frame) if Path(place.filename).parent == folder]
    lines = [f"This test did not end within {SECONDS_MAX} seconds\n", *traceback.format_list(stack)]
    # Not an Exception: a submission that catches all of those does not catch this one. And without a traceback by pytest,
    # which ends with an internal error when Python was stopped between two lines of a loop.
    pytest.fail("".join(lines), pytrace=False)


def message_of(report):
    crash = getattr(report.longrepr, "reprcrash", None)
    return crash.message if crash else report.longreprtext.partition("\n")[0]


def record(test_id, event, **details):
    # Opened anew for each event, so that it is on disk whatever comes next.
    with RECORD.open("a", encoding="utf-8", errors="replace") as lines:
        lines.write(json.dumps({"id": test_id, "event": event, **details}) + "\n")


# The report.


def read_events():
    """Of each test: the last event, or the failure, which nothing undoes."""
    events = {}
    for line in RECORD.read_text(encoding="utf-8").splitlines() if RECORD.exists() else []:
        entry = json.loads(line)
        if events.get(entry["id"], {}).get("event") != "failed":
            events[entry["id"]] = entry
    return events


def verdict(event):
    """Whether a test passed; if not, what to say about it, and the lines that led to it."""
    if event is None:
        return False, "This test was not run: see what went wrong before it", []
    if event["event"] == "started":
        return False, "The program ended, or was ended, in the middle of this test", []
    lines = event.get("text", "")[-MESSAGE_CHARACTERS_MAX:].splitlines()
    return event["event"] == "passed", event["message"][:MESSAGE_CHARACTERS_MAX], lines


def quoted(value):
    """A YAML value on one line. Lone surrogates, which no UTF-8 can hold, become question marks."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")


def report(plan, events):
    yield "TAP version 13"
    yield f"1..{len(plan)}"
    for number, test in enumerate(plan, start=1):
        passed, message, lines = verdict(events.get(test["id"]))
        yield f"{'ok' if passed else 'not ok'} {number} {test['name']}"
        yield "  ---"
        yield f"  weight: {test['points']}"
        if not passed:
            yield f"  header: {quoted(test['id'])}"
            yield f"  message: {quoted(message)}"
            yield f"  stack: {quoted(lines)}"
        yield "  ..."


if __name__ == "__main__":
    for line in report(json.loads(PLAN.read_text(encoding="utf-8")), read_events()):
        print(line)
