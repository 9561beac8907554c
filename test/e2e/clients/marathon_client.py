"""Every method of Debian's python3-marathon against the init of argv[1]; prints the methods that were called, one a line."""
import logging
import sys
import threading
import time

from marathon import MarathonApp, MarathonClient, NotFoundError
from marathon.exceptions import ConflictError, MarathonHttpError
from marathon.models import MarathonGroup, MarathonHealthCheck, MarathonConstraint
from marathon.models.events import MarathonDeploymentSuccess, MarathonStatusUpdateEvent

logging.disable(logging.CRITICAL)
client = MarathonClient(sys.argv[1])
called = set()


class Watched:
    """The client, noting which of its methods are used."""

    def __getattr__(self, name):
        called.add(name)
        return getattr(client, name)


m = Watched()


def until(what, holds, seconds=60):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"never: {what}")
        time.sleep(0.1)


def deployed(answer):
    """The answer's deployment is listed until it is done."""
    ident = answer["deploymentId"] if isinstance(answer, dict) else answer.deployments[0].id
    until(f"deployment {ident} ends", lambda: all(d.id != ident for d in m.list_deployments()))


def refused(status, call):
    try:
        call()
    except MarathonHttpError as error:
        assert error.status_code == status, (error.status_code, status)
        return error
    raise AssertionError(f"should be refused with {status}")


assert m.ping() in (b"pong", b"\"pong\"")
info = m.get_info()
assert info.framework_id and info.elected and info.name == "marathon", info
assert m.get_leader()["leader"] == info.leader
assert "gauges" in m.get_metrics()

# What happens, by the event stream.
heard = []
listener = MarathonClient(sys.argv[1])
called.add("event_stream")


def listen():
    for event in listener.event_stream(event_types=[MarathonDeploymentSuccess, "status_update_event"]):
        heard.append(event)


threading.Thread(target=listen, daemon=True).start()

# Apps.
web = MarathonApp(
    cmd="sleep 1000", cpus=0.1, mem=32, instances=2, labels={"team": "shop"},
    constraints=[MarathonConstraint("hostname", "LIKE", ".*")],
    health_checks=[MarathonHealthCheck(protocol="COMMAND", command={"value": "true"}, interval_seconds=1, grace_period_seconds=5, delaySeconds=0)],
)
made = m.create_app("/py/web", web)
assert made.id == "/py/web" and made.instances == 2 and made.tasks_running == 0, made
deployed(made)
until("two are healthy", lambda: m.get_app("/py/web").tasks_healthy == 2)
app = m.get_app("/py/web", embed_tasks=True, embed_counts=True, embed_deployments=True, embed_readiness=True, embed_last_task_failure=True, embed_task_stats=True)
assert len(app.tasks) == 2 and app.labels == {"team": "shop"} and app.constraints[0].operator == "LIKE", app
assert app.task_stats.with_latest_config.stats.counts.running == 2, app.task_stats
refused(409, lambda: m.create_app("/py/web", web))
refused(422, lambda: m.create_app("/py/bad", MarathonApp(cmd="x", cpus=-1)))
assert [a.id for a in m.list_apps(app_id="py/w", cmd="sleep", label="team==shop", embed_tasks=True, embed_counts=True)] == ["/py/web"]
assert m.list_apps(label="team==other") == []

deployed(m.scale_app("/py/web", instances=3))
deployed(m.scale_app("/py/web", delta=-1))
assert m.get_app("/py/web").instances == 2
first = m.list_versions("/py/web")
changed = MarathonApp(cmd="sleep 2000")
deployed(m.update_app("/py/web", changed))
assert m.get_app("/py/web").cmd == "sleep 2000"
old = sorted(first)[-1]
assert m.get_version("/py/web", old).cmd == "sleep 1000"
deployed(m.rollback_app("/py/web", sorted(first)[-1]))
assert m.get_app("/py/web").cmd == "sleep 1000"
deployed(m.restart_app("/py/web"))
deployed(m.update_apps([MarathonApp(id="/py/web", mem=48), MarathonApp(id="/py/batch", cmd="sleep 3000", cpus=0.1, mem=32)]))
assert m.get_app("/py/batch").tasks_running == 1

# Tasks.
tasks = m.list_tasks("/py/web")
assert len(tasks) == 2 and tasks[0].host and tasks[0].started_at, tasks
assert len(m.list_tasks()) == 3
assert m.list_endpoints() is not None
killed = m.kill_task("/py/web", tasks[0].id)
assert killed.id == tasks[0].id
until("it is brought back", lambda: m.get_app("/py/web").tasks_running == 2 and all(t.id != tasks[0].id for t in m.list_tasks("/py/web")))
killed = m.kill_tasks("/py/web")
assert len(killed) == 2, killed
gone = {t.id for t in killed}
until("both are brought back", lambda: m.get_app("/py/web").tasks_healthy == 2 and gone.isdisjoint(t.id for t in m.list_tasks("/py/web")))
one = m.list_tasks("/py/web")[0]
m.kill_given_tasks([one.id], scale=True, force=True)
until("there is one less", lambda: m.get_app("/py/web").instances == 1 and not m.list_deployments())

# What cannot run waits in the queue, is locked, and can be undone.
m.create_app("/py/huge", MarathonApp(cmd="sleep 1", cpus=9999))
until("it is queued", lambda: any(q.app.id == "/py/huge" for q in m.list_queue(embed_last_unused_offers=True)))
m.reset_delay("/py/huge")
locked = None
try:
    m.scale_app("/py/huge", instances=2)
except ConflictError as error:
    locked = error
assert locked is not None
undo = m.delete_deployment([d.id for d in m.list_deployments() if "/py/huge" in d.affected_apps][0])
deployed(undo)
refused(404, lambda: m.get_app("/py/huge"))

# Groups.
group = MarathonGroup(id="/team", apps=[MarathonApp(id="a", cmd="sleep 1000", cpus=0.1, mem=32)], groups=[MarathonGroup(id="sub")])
deployed(m.create_group(group))
assert [g.id for g in m.list_groups()] and m.get_group("/team").apps[0].id == "/team/a"
before = m.get_group("/team").version
deployed(m.scale_group("/team", 2.0))
assert m.get_app("/team/a").instances == 2
deployed(m.update_group("/team", MarathonGroup(apps=[MarathonApp(id="b", cmd="sleep 1000", cpus=0.1, mem=32)])))
assert [a.id for a in m.get_group("/team").apps] == ["/team/b"]
deployed(m.rollback_group("/team", before))
assert [a.id for a in m.get_group("/team").apps] == ["/team/a"]
deployed(m.delete_group("/team", force=True))

# Gone since 1.5: a clean 404.
for ask in (m.list_event_subscriptions, lambda: m.create_event_subscription("http://x"), lambda: m.delete_event_subscription("http://x")):
    try:
        ask()
        raise AssertionError("there are no subscriptions")
    except NotFoundError:
        pass

deployed(m.delete_app("/py/web"))
deployed(m.delete_app("/py/batch", force=True))
assert m.list_apps() == []
until("events were heard", lambda: {type(e) for e in heard} >= {MarathonDeploymentSuccess, MarathonStatusUpdateEvent})
assert m.delete_leader() is not None

public = {name for name in dir(MarathonClient) if not name.startswith("_")}
missing = public - called
assert not missing, f"not called: {missing}"
print("\n".join(sorted(called & public)))
