import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { until } from "../../launch/heard.ts";
import { OciRoom } from "./oci.rig.ts";

const room = new OciRoom();
afterEach(() => room.clear());

// In two halves, so that these tests' own processes do not hold it whole.
const secret = ["correct horse", "battery staple"].join(" ");
const content = Buffer.from(secret).toString("base64");

describe.each(["crun", "runc"] as const)("a secret of a container by %s", (runtime) => {
  const open = () => {
    room.runtime = runtime;
    return room.openOci();
  };
  const secretive = (id: string, shell: string) => ({
    ...room.isolated(id, shell, { mounts: [{ kind: "secret", inside: "/run/key", content }] as never }),
    environment: { KEY: secret },
  });

  test("is in no file of the agent and in no command line, while it runs, across agents, and after", async () => {
    const first = await open();
    first.containers.launch(secretive("a", 'test "$KEY" = "$(cat /run/key)" && echo same; exec sleep 1000'));
    await first.heard.started("a");
    await until(() => room.read("stdout") === "same\n");
    expect(traces()).toEqual([]);
    first.containers.launch({
      ...room.spec("b", 'test -n "$KEY" && test -n "$OTHER" && echo both; exec sleep 1000'),
      inside: "a",
      environment: { OTHER: secret },
    });
    await first.heard.started("b");
    await until(() => room.read("stdout") === "same\nboth\n");
    expect(traces()).toEqual([]);
    first.containers.close();
    const second = await open();
    expect(traces()).toEqual([]);
    second.containers.destroy("a");
    await second.heard.exited("a");
    await second.heard.exited("b");
    for (const id of ["a", "b"]) second.containers.forget(id);
    await room.cleared();
    expect(traces()).toEqual([]);
    expect(existsSync(room.memory)).toBe(false);
  });

  test("whose start the agent missed does not stay in a file until the container's end", async () => {
    const first = await open();
    first.containers.launch(secretive("a", "cat /run/key >/dev/null && echo up; exec sleep 1000"));
    await until(() => existsSync(join(room.memory, "containers/a/rights.json")));
    first.containers.close();
    await until(() => room.read("stdout") === "up\n");
    const { containers, heard } = await open();
    expect(readdirSync(room.memory)).not.toContain("secrets");
    expect(readdirSync(join(room.memory, "containers/a"))).not.toContain("config.json");
    containers.destroy("a");
    await heard.exited("a");
  });
});

test("a secret in the environment of a plain process is in no file and in no command line either", async () => {
  const { containers, heard } = await room.openOci();
  containers.launch({ ...room.spec("a", 'test -n "$KEY" && echo up; exec sleep 1000'), environment: { KEY: secret } });
  await heard.started("a");
  await until(() => room.read("stdout") === "up\n");
  expect(traces()).toEqual([]);
  containers.close();
  await room.openOci();
  expect(traces()).toEqual([]);
});

test("what looks for the secret would find it", () => {
  room.build();
  writeFileSync(join(room.dir, "leak"), `before ${secret} after`);
  expect(traces()).toEqual([join(room.dir, "leak")]);
});

// Files below the agent's folder that hold it, as it is or in base64, and processes that have it in their command line.
function traces(): string[] {
  return [...grep("-rl", "-D", "skip", room.dir), ...grep("-l", ...commandLines())];
}

function grep(...args: string[]): string[] {
  const input = [secret, content.slice(0, -2)].join("\n");
  try {
    return execFileSync("grep", ["-sF", "-f", "-", ...args], { input, encoding: "utf8" })
      .split("\n")
      .filter((line) => line !== "");
  } catch {
    return [];
  }
}

function commandLines(): string[] {
  return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [`/proc/${name}/cmdline`] : []));
}
