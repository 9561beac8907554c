"""A Mesos v1 executor with nothing but Python's standard library.

It runs each task's `data` (a shell command) and reports how it went. Start it as the executor of a task:
{"type": "CUSTOM", "command": {"value": "python3 …/python_executor.py"}}.
"""
import base64
import http.client
import json
import os
import subprocess
import threading
import uuid

AGENT = os.environ["MESOS_AGENT_ENDPOINT"]
IDS = {
    "framework_id": {"value": os.environ["MESOS_FRAMEWORK_ID"]},
    "executor_id": {"value": os.environ["MESOS_EXECUTOR_ID"]},
}
HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}
running = {}
unacknowledged = {}


def post(call):
    connection = http.client.HTTPConnection(AGENT)
    connection.request("POST", "/api/v1/executor", json.dumps({**IDS, **call}), HEADERS)
    response = connection.getresponse()
    response.read()
    if response.status != 202:
        print("the agent refused", call["type"], response.status, flush=True)


def update(task_id, state, message):
    number = base64.b64encode(uuid.uuid4().bytes).decode()
    status = {
        "task_id": {"value": task_id},
        "executor_id": IDS["executor_id"],
        "state": state,
        "message": message,
        "source": "SOURCE_EXECUTOR",
        "uuid": number,
    }
    # Kept until the agent has stored it, so that a restarted agent can be told again.
    unacknowledged[number] = {"status": status}
    post({"type": "UPDATE", "update": {"status": status}})


def run(task):
    task_id = task["task_id"]["value"]
    process = subprocess.Popen(base64.b64decode(task["data"]), shell=True)
    running[task_id] = process
    update(task_id, "TASK_RUNNING", f"pid {process.pid}")
    code = process.wait()
    if running.pop(task_id, None) is None:
        update(task_id, "TASK_KILLED", "killed on request")
    elif code == 0:
        update(task_id, "TASK_FINISHED", "done")
    else:
        update(task_id, "TASK_FAILED", f"exit code {code}")


def kill(task_id):
    process = running.pop(task_id, None)
    if process is not None:
        process.terminate()


def events(response):
    """RecordIO: the length in bytes, a newline, then exactly that many bytes."""
    while True:
        length = response.readline().strip()
        if not length:
            return
        yield json.loads(response.read(int(length)))


def main():
    connection = http.client.HTTPConnection(AGENT)
    call = {**IDS, "type": "SUBSCRIBE", "subscribe": {"unacknowledged_updates": list(unacknowledged.values())}}
    connection.request("POST", "/api/v1/executor", json.dumps(call), HEADERS)
    for event in events(connection.getresponse()):
        match event["type"]:
            case "LAUNCH":
                threading.Thread(target=run, args=[event["launch"]["task"]]).start()
            case "KILL":
                kill(event["kill"]["task_id"]["value"])
            case "ACKNOWLEDGED":
                unacknowledged.pop(event["acknowledged"]["uuid"], None)
            case "MESSAGE":
                post({"type": "MESSAGE", "message": {"data": event["message"]["data"]}})
            case "SHUTDOWN":
                os._exit(0)


main()
