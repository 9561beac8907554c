import type { Call } from "@meseta/api/mesos/generated/agent.ts";
import type { ContainerID, ContainerInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { describe, expect, test } from "vitest";
import { ABLE, commandTask, FRAMEWORK, imageContainer, Rig, scalar } from "./agent.rig.ts";
import { AGENT_BOUNDS } from "./bounds.ts";
import { inputOf, outputOf } from "./containers.ts";
import { containerRows } from "./views/containers.ts";

const command = { value: "sh" };
const able = () => new Rig({ containers: ABLE, user: "alice" }).register();
const nested = (parent: ContainerID, value = "n"): ContainerID => ({ value, parent });
const joined: Partial<ContainerInfo> = { network_infos: [{ name: "net" }] };

const standalone = (more: Partial<NonNullable<Call["launch_container"]>> = {}): Call => ({
  type: "LAUNCH_CONTAINER",
  launch_container: { container_id: { value: "own" }, command, ...more },
});
const child = (container_id: ContainerID, container?: ContainerInfo): Call => ({
  type: "LAUNCH_NESTED_CONTAINER",
  launch_nested_container: { container_id, command, ...(container && { container }) },
});
const session = (container_id: ContainerID, container?: ContainerInfo): Call => ({
  type: "LAUNCH_NESTED_CONTAINER_SESSION",
  launch_nested_container_session: { container_id, command, ...(container && { container }) },
});

/** A running command task, and the id of its container. */
function task(container: ContainerInfo | undefined): { rig: Rig; id: ContainerID } {
  const rig = able().run(commandTask("t", container === undefined ? {} : { container }));
  const id = { value: rig.containerOf("t") };
  rig.settle();
  return { rig: rig.take(), id };
}

const launched = (rig: Rig) => rig.of("launch").at(-1)!;

test("of the containers that ended and were not removed the oldest are forgotten", () => {
  const rig = able();
  const ids = Array.from({ length: AGENT_BOUNDS.endedContainers.most + 1 }, (_, at) => ({ value: `own-${at}` }));
  for (const container_id of ids) {
    rig.ask(standalone({ container_id }));
    rig.exit(launched(rig).container.id, 0);
  }
  expect(outputOf(rig.agent.state, ids[0]!)).toBeUndefined();
  expect(rig.ask({ type: "WAIT_CONTAINER", wait_container: { container_id: ids[1]! } })).toMatchObject({ status: 200 });
  expect(rig.agent.state.containers.size).toBe(AGENT_BOUNDS.endedContainers.most);
});

describe("a standalone container", () => {
  test("has an image, volumes, a network and limits as it asks for them", () => {
    const rig = able();
    const container = imageContainer({
      ...joined,
      volumes: [{ mode: "RO", container_path: "/srv", host_path: "/srv" }],
    });
    expect(rig.ask(standalone({ container, resources: [scalar("cpus", 1)] }))).toEqual({ status: 200 });
    expect(launched(rig).container).toMatchObject({
      limits: { cpus: 1 },
      environment: { MESOS_SANDBOX: "/mnt/mesos/sandbox" },
      isolation: {
        image: { name: "debian:12" },
        sandbox: { host: "/var/lib/agent/containers/own", inside: "/mnt/mesos/sandbox" },
        mounts: [{ inside: "/srv", readOnly: true, kind: "path", host: "/srv" }],
        network: { kind: "own", networks: [{ name: "net" }] },
      },
    });
    const [row] = containerRows(rig.agent.state, { nested: false, standalone: true });
    expect(row!.shown.container_status).toEqual({
      container_id: { value: "own" },
      network_infos: [{ name: "net", ip_addresses: [{ protocol: "IPv4", ip_address: "10.1.0.2" }] }],
      executor_pid: 100,
    });
  });

  test("that this agent cannot give is refused with the reason", () => {
    const rig = new Rig({ user: "alice" }).register();
    expect(rig.ask(standalone({ container: imageContainer() }))).toMatchObject({
      status: 400,
      text: expect.stringContaining("Failed to launch container: this agent runs plain processes only"),
    });
  });

  test("runs nothing as root where that is not allowed, but for what the driver judges", () => {
    const rig = new Rig({ containers: ABLE }).register();
    expect(rig.ask(standalone())).toMatchObject({ status: 400, text: expect.stringContaining("root") });
    expect(rig.ask(standalone({ container: imageContainer() }))).toEqual({ status: 200 });
  });

  test("is known with all that it has after a restart", () => {
    const rig = able();
    rig.ask(standalone({ container: imageContainer({ ...joined, tty_info: {} }) }));
    rig.crash().register();
    expect(inputOf(rig.agent.state, { value: "own" })).toMatchObject({ running: true, kind: "terminal" });
    expect(rig.ask(child(nested({ value: "own" })))).toEqual({ status: 200 });
    const [row] = containerRows(rig.agent.state, { nested: false, standalone: true });
    expect(launched(rig).container).toMatchObject({ inside: row!.handle });
  });
});

describe("a container in another", () => {
  test("runs inside its parent's namespaces when that is set apart", () => {
    const { rig, id } = task(imageContainer());
    expect(rig.ask(child(nested(id)))).toEqual({ status: 200 });
    const { container } = launched(rig);
    expect(container).toMatchObject({
      inside: id.value,
      command: { shell: "sh" },
      workingDirectory: "/mnt/mesos/sandbox/containers/n",
      environment: { MESOS_SANDBOX: "/mnt/mesos/sandbox/containers/n" },
    });
    expect([container.isolation, container.group]).toEqual([undefined, undefined]);
    expect(rig.ask(child(nested(nested(id), "deeper")))).toEqual({ status: 200 });
    expect(launched(rig).container).toMatchObject({
      inside: id.value,
      workingDirectory: "/mnt/mesos/sandbox/containers/n/containers/deeper",
    });
  });

  test("is a plain process beside a plain one, under its limits", () => {
    const { rig, id } = task(undefined);
    rig.ask(child(nested(id)));
    expect(launched(rig).container).toMatchObject({ group: id.value, user: "alice" });
    expect(launched(rig).container.inside).toBeUndefined();
    expect(launched(rig).sandbox!.user).toBe("alice");
  });

  test("has an image of its own in the network of its parent", () => {
    const { rig, id } = task(imageContainer(joined));
    rig.ask(child(nested(id), imageContainer()));
    expect(launched(rig).container).toMatchObject({
      group: id.value,
      isolation: {
        image: { name: "debian:12" },
        network: { kind: "own", group: id.value, networks: [{ name: "net" }] },
      },
    });
  });

  test("of a pod is in the pod's network", () => {
    const rig = able();
    rig.link({
      type: "RUN",
      run: {
        framework_info: FRAMEWORK,
        executor: {
          type: "DEFAULT",
          executor_id: { value: "pod" },
          container: { type: "MESOS", ...joined },
          resources: [],
        },
        task_group: { tasks: [commandTask("a", { container: imageContainer() })] },
        launch_executor: true,
        resource_version: rig.agent.state.resourceVersion,
      },
    });
    const [pod] = [...rig.agent.state.executors.keys()];
    rig.ask(child(nested({ value: pod! })));
    expect(launched(rig).container).toMatchObject({ isolation: { network: { kind: "own", group: pod } } });
    rig.ask(session(nested({ value: rig.containerOf("a"), parent: { value: pod! } })));
    expect(launched(rig).container).toMatchObject({ inside: rig.containerOf("a") });
  });

  test("goes no deeper than 32 levels", () => {
    const { rig, id } = task(imageContainer());
    let deepest = id;
    for (let level = 2; level <= 32; level++) {
      deepest = nested(deepest, `l${level}`);
      expect(rig.ask(child(deepest))).toEqual({ status: 200 });
    }
    expect(rig.ask(child(nested(deepest)))).toEqual({ status: 400, text: "Containers can be nested to 32 levels" });
  });

  test("ends with its parent", () => {
    const { rig, id } = task(imageContainer());
    rig.ask(child(nested(id)));
    const handle = launched(rig).container.id;
    rig.take().exit(id.value, 0);
    expect(rig.of("destroy")).toEqual([{ type: "destroy", id: handle }]);
  });
});

describe("a session", () => {
  test("is a shell in its parent, which can be written to, and of which nothing is cut off", () => {
    const { rig, id } = task(imageContainer());
    expect(rig.ask(session(nested(id)))).toEqual({ status: 200 });
    const { container } = launched(rig);
    expect(container).toMatchObject({
      inside: id.value,
      openInput: true,
      workingDirectory: "/mnt/mesos/sandbox",
      rotation: { maxBytes: 0 },
    });
    expect(inputOf(rig.agent.state, nested(id))).toEqual({ handle: container.id, running: true, kind: "pipe" });
    expect(outputOf(rig.agent.state, nested(id))).toMatchObject({ handle: container.id, terminal: false });
    expect(inputOf(rig.agent.state, id)).toMatchObject({ kind: undefined });
    expect(inputOf(rig.agent.state, { value: "none" })).toBeUndefined();
  });

  test("has a terminal when it asks for one", () => {
    const { rig, id } = task(imageContainer());
    rig.ask(session(nested(id), { type: "MESOS", tty_info: { window_size: { rows: 10, columns: 20 } } }));
    expect(launched(rig).container).toMatchObject({ inside: id.value, terminal: { rows: 10, columns: 20 } });
    expect(launched(rig).container.openInput).toBeUndefined();
    expect(outputOf(rig.agent.state, nested(id))).toMatchObject({ terminal: true });
  });

  test("has no image of its own", () => {
    const { rig, id } = task(imageContainer());
    expect(rig.ask(session(nested(id), imageContainer()))).toMatchObject({ status: 400 });
  });

  test("does not outlive the agent's life in which it began", () => {
    const { rig, id } = task(imageContainer());
    rig.ask(session(nested(id)));
    const handle = launched(rig).container.id;
    rig.crash().register();
    expect(rig.of("destroy")).toEqual([{ type: "destroy", id: handle }]);
    expect(rig.agent.state.containersByHandle.get(handle)!.state).toBe("ended");
  });
});

test("images are pruned by the driver, and the answer comes when they are gone", () => {
  const rig = able();
  const excluded_images = [{ type: "DOCKER" as const, docker: { name: "debian:12" } }];
  expect(rig.ask({ type: "PRUNE_IMAGES", prune_images: { excluded_images } })).toBeUndefined();
  const { request, excluded } = rig.of("prune-images")[0]!;
  expect(excluded).toEqual(["debian:12"]);
  rig.apply({ type: "images-pruned", request, error: undefined });
  expect(rig.answerTo(request)).toEqual({ status: 200 });
  rig.ask({ type: "PRUNE_IMAGES" });
  rig.apply({ type: "images-pruned", request: request + 1, error: "disk error" });
  expect(rig.answerTo(request + 1)).toMatchObject({ status: 500 });
});
