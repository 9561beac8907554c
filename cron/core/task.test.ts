import { decodeUtf8 } from "@meseta/api/mesos/codec/utf8.ts";
import type { Environment, TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { idProblem } from "@meseta/api/mesos/resources/ids.ts";
import { printResources } from "@meseta/api/mesos/resources/print.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chronosJobOf, metronomeJobOf, taskFor } from "./task/task.rig.ts";

const chronos = (more: object = {}, run = {}): TaskInfo => taskFor(chronosJobOf(more), run);
const metronome = (run: object, more: object = {}): TaskInfo => taskFor(metronomeJobOf(run, more));
const valuesOf = (environment: Environment | undefined) =>
  Object.fromEntries((environment?.variables ?? []).map(({ name, value }) => [name, value]));

describe("the id of a task", () => {
  it("is the due time, the number of the launch, the job and the arguments", () => {
    expect(chronos().task_id.value).toBe("ct:1767607200000:0:job:");
    expect(chronos({}, { launches: 3, arguments: "-v x" }).task_id.value).toBe("ct:1767607200000:3:job:-v x");
    expect(chronos().name).toBe("ChronosTask:job");
  });

  it("may always be one, whatever the job is called and is given, and tells long names apart", () => {
    const name = fc
      .string({ unit: fc.constantFrom(..."ab.-_9"), minLength: 1, maxLength: 400 })
      .filter((text) => text !== "." && text !== "..");
    const id = (job: string, words: string, launches: number) =>
      chronos({ name: job }, { job, arguments: words, launches }).task_id.value;
    fc.assert(
      fc.property(name, fc.string({ unit: "binary", maxLength: 400 }), fc.nat(1000), (job, words, launches) => {
        expect(idProblem(id(job, words, launches))).toBe(undefined);
        expect(id(job, words, launches)).not.toBe(id(job, words, launches + 1));
        expect(id(job, words, launches)).not.toBe(id(`${job}a`, words, launches));
      }),
      { numRuns: 30 },
    );
  });

  it("has no part of the arguments that an id may not have", () => {
    expect(chronos({}, { arguments: "/tmp/a; rm > b\n" }).task_id.value).toBe("ct:1767607200000:0:job:tmpa rm  b");
  });
});

describe("the environment of a task", () => {
  it("tells what it is and where it runs, and what the user says that is not among that", () => {
    const environmentVariables = [
      { name: "A", value: "1" },
      { name: "HOST", value: "mine" },
      { name: "CHRONOS_JOB_NAME", value: "mine" },
    ];
    expect(valuesOf(chronos({ environmentVariables, mem: 64 }, { launches: 2 }).command!.environment)).toEqual({
      mesos_task_id: "ct:1767607200000:2:job:",
      MESOS_TASK_ID: "ct:1767607200000:2:job:",
      CHRONOS_JOB_OWNER: "me@here",
      CHRONOS_JOB_NAME: "job",
      CHRONOS_JOB_RUN_TIME: "1767607200000",
      CHRONOS_JOB_RUN_ATTEMPT: "2",
      CHRONOS_RESOURCE_CPU: "0.1",
      CHRONOS_RESOURCE_MEM: "64.0",
      CHRONOS_RESOURCE_DISK: "256.0",
      HOST: "h1",
      A: "1",
    });
  });

  it("has secrets by their source", () => {
    const run = { cmd: "x", env: { KEY: { secret: "s" } }, secrets: { s: { source: "db/password" } } };
    expect(metronome(run).command!.environment!.variables!.at(-1)).toEqual({
      name: "KEY",
      type: "SECRET",
      secret: { type: "REFERENCE", reference: { name: "db/password" } },
    });
  });
});

describe("what a task runs", () => {
  const call = ({ command }: TaskInfo) => [command!.shell, command!.value, command!.arguments];

  it("is a line of a shell, with the words of this run behind it", () => {
    expect(call(chronos({ command: "echo a" }))).toEqual([true, "echo a", undefined]);
    expect(call(chronos({ command: "echo a" }, { arguments: "b c" }))).toEqual([true, "echo a b c", undefined]);
    expect(call(metronome({ cmd: "sleep 1" }))).toEqual([true, "sleep 1", undefined]);
  });

  it("is an executable with its arguments, whose name is the first of them whether it was said or not", () => {
    const exec = (args: string[], words = "") =>
      call(chronos({ shell: false, command: "/bin/echo", arguments: args }, { arguments: words }));
    expect(exec(["a"])).toEqual([false, "/bin/echo", ["/bin/echo", "a"]]);
    expect(exec(["echo", "a"])).toEqual([false, "/bin/echo", ["echo", "a"]]);
    expect(exec([], " b  c ")).toEqual([false, "/bin/echo", ["/bin/echo", "b", "c"]]);
  });

  it("is what the image says, given the arguments", () => {
    const docker = { image: "alpine" };
    expect(call(metronome({ docker, args: ["a", "b"] }))).toEqual([false, undefined, ["a", "b"]]);
    expect(call(metronome({ docker }))).toEqual([false, undefined, undefined]);
    expect(call(metronome({ docker, cmd: "/bin/echo", args: ["a"] }))).toEqual([false, "/bin/echo", ["a"]]);
    expect(call(chronos({ command: "", container: { type: "DOCKER", image: "alpine" } }))).toEqual([
      false,
      undefined,
      undefined,
    ]);
  });

  it("is a file that a URL names, fetched and executed", () => {
    const { command } = chronos({ command: "https://host/a/run.sh?v=1", runAsUser: "bob" }, { arguments: "x" });
    expect(command).toMatchObject({
      shell: true,
      value: '"./run.sh" x',
      user: "bob",
      uris: [{ value: "https://host/a/run.sh?v=1", executable: true, extract: false, output_file: "run.sh" }],
    });
    expect(chronos({ command: 'http://host/$(rm)"' }).command!.value).toBe('"./__rm__"');
    expect(chronos({ command: "http://host" }).command!.value).toBe('"./command"');
    expect(call(chronos({ command: "http://host/a | sh" }))).toEqual([true, "http://host/a | sh", undefined]);
  });

  it("finds its files in the sandbox", () => {
    const uris = [
      { value: "http://h/a.tgz", extract: true, executable: false, cache: false },
      { value: "http://h/b", extract: false, executable: true, cache: true, output_file: "c" },
    ];
    const fetch = uris.map(({ value: uri, ...rest }) => ({ uri, ...rest }));
    expect(chronos({ fetch }).command!.uris).toEqual(uris);
  });

  it("is an executor of the user's own, one a task, that is told its flags and the command", () => {
    const task = chronos({ executor: "./my-executor", executorFlags: "-av", command: "job.rb", runAsUser: "bob" });
    expect(task.command).toBe(undefined);
    expect(task.executor).toMatchObject({
      type: "CUSTOM",
      executor_id: task.task_id,
      framework_id: { value: "f" },
      command: { shell: true, value: "./my-executor", user: "bob" },
    });
    expect(decodeUtf8(Uint8Array.fromBase64(task.data!))).toBe("-av|job.rb");
    const told = chronos({ executor: "./x", taskInfoData: "héllo" });
    expect(decodeUtf8(Uint8Array.fromBase64(told.data!))).toBe("héllo");
  });
});

describe("what a task takes and may", () => {
  it("is what its job needs, each resource that it needs any of", () => {
    expect(printResources(chronos({ cpus: 0.5, mem: 64, disk: 10 }).resources!)).toBe("cpus:0.5; mem:64; disk:10");
    expect(printResources(metronome({ cmd: "x", gpus: 1 }).resources!)).toBe("cpus:1; mem:128; gpus:1");
  });

  it("is bounded in time, and it has time to end", () => {
    const second = (count: number) => ({ nanoseconds: count * 1e9 });
    expect(chronos({ maxCompletionTime: 90 }).max_completion_time).toEqual(second(90));
    expect(chronos().max_completion_time).toBe(undefined);
    expect(metronome({ cmd: "x", taskKillGracePeriodSeconds: 7 }).kill_policy).toEqual({ grace_period: second(7) });
  });

  it("has its job's labels", () => {
    expect(metronome({ cmd: "x" }, { labels: { a: "b" } }).labels).toEqual({ labels: [{ key: "a", value: "b" }] });
  });
});

describe("the container of a task", () => {
  it("is not there where nothing is said of it", () => {
    expect([chronos().container, metronome({ cmd: "x", networks: [{ mode: "host" }] }).container]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it("of type DOCKER has its image, parameters, network and ports", () => {
    const container = {
      type: "DOCKER",
      image: "nginx",
      network: "BRIDGE",
      forcePullImage: true,
      parameters: [{ key: "memory-swap", value: "1g" }],
      networkInfos: [{ name: "n", portMappings: [{ hostPort: 0, containerPort: 80, protocol: "tcp" }] }],
    };
    const task = chronos({ container });
    const port = task.resources!.find(({ name }) => name === "ports")!.ranges!.range![0]!.begin;
    expect([31_000, 31_001]).toContain(port);
    expect(task.container).toEqual({
      type: "DOCKER",
      docker: {
        image: "nginx",
        network: "BRIDGE",
        privileged: false,
        force_pull_image: true,
        parameters: [{ key: "memory-swap", value: "1g" }],
        port_mappings: [{ host_port: port, container_port: 80, protocol: "tcp" }],
      },
    });
  });

  it("of type DOCKER may be on a network of the user's, and on the host's its ports are its own", () => {
    const onUser = chronos({ container: { type: "DOCKER", image: "a", network: "USER", networkName: "blue" } });
    expect(onUser.container).toMatchObject({ docker: { network: "USER" }, network_infos: [{ name: "blue" }] });
    const networkInfos = [{ name: "n", portMappings: [{ hostPort: 31_000, containerPort: 80 }] }];
    const onHost = chronos({ container: { type: "DOCKER", image: "a", networkInfos } });
    expect(onHost.container!.docker).toMatchObject({ network: "HOST" });
    expect(onHost.resources!.map(({ name }) => name)).toEqual(["cpus", "mem", "disk"]);
    const privileged = metronome({
      docker: { image: "a", privileged: true },
      networks: [{ mode: "container/bridge" }],
    });
    expect(privileged.container!.docker).toMatchObject({ privileged: true, network: "BRIDGE" });
  });

  it("of the agent's own engine has its image and networks", () => {
    const ucr = { image: { id: "alpine", forcePull: true } };
    const networks = [{ mode: "container", name: "blue", labels: { a: "b" } }];
    expect(metronome({ cmd: "x", ucr, networks }).container).toEqual({
      type: "MESOS",
      mesos: { image: { type: "DOCKER", docker: { name: "alpine" }, cached: false } },
      network_infos: [{ name: "blue", labels: { labels: [{ key: "a", value: "b" }] } }],
    });
    const bridged = metronome({ cmd: "x", networks: [{ mode: "container/bridge" }] });
    expect(bridged.container).toEqual({ type: "MESOS", network_infos: [{ name: "mesos-bridge" }] });
    const networkInfos = [
      { name: "a", labels: [{ key: "k", value: "v" }], portMappings: [{ hostPort: 31_000, containerPort: 80 }] },
      { name: "b" },
    ];
    expect(chronos({ container: { type: "MESOS", image: "", networkInfos } }).container).toEqual({
      type: "MESOS",
      network_infos: [
        {
          name: "a",
          labels: { labels: [{ key: "k", value: "v" }] },
          port_mappings: [{ host_port: 31_000, container_port: 80 }],
        },
        { name: "b" },
      ],
    });
  });

  it("mounts folders of the host, secrets, volumes of a driver, and empty ones of the sandbox", () => {
    const external = { name: "data", provider: "rexray", options: [{ key: "size", value: "5" }] };
    const volumes = [
      { hostPath: "/etc", containerPath: "/e", mode: "RO" },
      { containerPath: "/data", mode: "RW", external },
      { containerPath: "../x y/z", mode: "RW" },
    ];
    expect(chronos({ container: { type: "MESOS", image: "a", volumes } }).container!.volumes).toEqual([
      { container_path: "/e", mode: "RO", host_path: "/etc" },
      {
        container_path: "/data",
        mode: "RW",
        source: {
          type: "DOCKER_VOLUME",
          docker_volume: { driver: "rexray", name: "data", driver_options: { parameter: external.options } },
        },
      },
      {
        container_path: "../x y/z",
        mode: "RW",
        source: { type: "SANDBOX_PATH", sandbox_path: { type: "SELF", path: "volume-..-x-y-z" } },
      },
    ]);
    const secret = { cmd: "x", secrets: { s: { source: "key" } }, volumes: [{ containerPath: "/k", secret: "s" }] };
    expect(metronome(secret).container!.volumes).toEqual([
      {
        container_path: "/k",
        mode: "RO",
        source: { type: "SECRET", secret: { type: "REFERENCE", reference: { name: "key" } } },
      },
    ]);
  });
});
