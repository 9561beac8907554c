"""Every method of chronos-python, in both versions of the API that it speaks, against the cron of argv[1]; prints what was called, one a line."""
import logging
import sys
import time

import chronos

logging.disable(logging.CRITICAL)
JOB = {"command": "exec sleep 1000", "owner": "", "disabled": False, "async": False, "cpus": 0.1, "mem": 32}
STATS = ["99th", "98th", "95th", "75th", "median", "mean"]


def until(what, holds, seconds=60):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"never: {what}")
        time.sleep(0.1)


def refused(call):
    """It has tried the only server, and takes the 400 for a failure."""
    try:
        call()
    except chronos.ChronosAPIError:
        return True
    return False


def visit(version):
    client = chronos.connect(sys.argv[1], scheduler_api_version=version)
    first, second = f"first-{version}", f"second-{version}"
    job = dict(JOB, name=first, schedule="R/2100-01-01T00:00:00Z/PT1H")
    dependent = dict(JOB, name=second, parents=[first])

    def state(name):
        lines = [line.split(",") for line in client.scheduler_graph().split("\n")]
        return next(line[3] for line in lines if line[:2] == ["node", name])

    # Nothing is there yet, and still each answer but a 204 has a body.
    assert client.list() == []
    client.scheduler_graph()
    for stat in STATS:
        assert getattr(client, f"scheduler_stat_{stat}")() == []
    assert "gauges" in client.metrics()

    assert client.add(job) is None
    assert client.add(dependent) is None
    assert client.update(dict(job, description="again")) is None
    assert client.update(dependent) is None
    shown = {one["name"]: one for one in client.list()}
    assert shown[first]["description"] == "again" and shown[first]["epsilon"] == "PT60S"
    assert shown[second]["parents"] == [first]
    # What is shown can be written back.
    assert client.update(shown[first]) is None
    assert [one["name"] for one in client.search(name="FIRST", command="sleep")] == [first]
    assert client.search(name="nobody") == []

    assert client.run(first) is None
    until("it runs", lambda: state(first) == "1 running")
    assert client.job_stat(first)["histogram"]["count"] == 0
    assert client.delete_tasks(first) is None
    until("it is killed", lambda: state(first) == "idle")
    assert f"link,{first},{second}" in client.scheduler_graph()

    for call in [client.delete, client.run, client.job_stat]:
        assert refused(lambda: call("nobody"))
    assert refused(lambda: client.add(dict(job, name="a b")))
    assert refused(lambda: client.add(dict(job, schedule="R/never/PT1H")))
    assert client.delete(first) is None
    assert client.delete(second) is None
    assert client.list() == []
    print(version)


for version in ["v1", None]:
    visit(version)
