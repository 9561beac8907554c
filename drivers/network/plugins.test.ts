import { expect, test } from "vitest";
import type { Programs } from "../launch/programs.ts";
import type { Attachment } from "./plugins.ts";
import { Plugins } from "./plugins.ts";

const RACED = `failed to create top-level DNAT chain: running [/usr/sbin/iptables -t nat -N CNI-HOSTPORT-DNAT --wait]: exit status 4: iptables v1.8.9 (nf_tables):  CHAIN_USER_ADD failed (File exists): chain CNI-HOSTPORT-DNAT\n`;
const RESULT = { cniVersion: "0.4.0", ips: [] };
const attachment = {
  config: { name: "n", cniVersion: "0.4.0", plugins: [{ type: "portmap" }] },
  wish: { name: "n", labels: {}, portMappings: [], addresses: [] },
  interfaceName: "eth0",
} as unknown as Attachment;

/** Plugins of a machine on which the first calls fail with these messages. */
function machine(...failures: string[]): { add(): Promise<unknown>; calls(): number } {
  let calls = 0;
  const run = async () => {
    const msg = failures[calls++];
    return msg === undefined
      ? { waitStatus: 0, stdout: JSON.stringify(RESULT), stderr: "" }
      : { waitStatus: 256, stdout: JSON.stringify({ code: 999, msg }), stderr: "" };
  };
  const plugins = new Plugins({ programs: { run } as unknown as Programs, folder: "/opt", perl: "perl" });
  return { add: () => plugins.add(attachment, { id: "c", namespace: "/n" }), calls: () => calls };
}

test("who finds that another one has just made the chains of port mappings goes on with those", async () => {
  const others = machine(RACED, RACED.replaceAll("DNAT", "SETMARK"));
  expect(await others.add()).toEqual(RESULT);
  expect(others.calls()).toBe(3);
});

test("any other complaint is told at once, and this one when it does not end", async () => {
  const broken = machine("no iptables here");
  await expect(broken.add()).rejects.toThrow("no iptables here");
  expect(broken.calls()).toBe(1);
  await expect(machine(RACED, RACED, RACED, RACED).add()).rejects.toThrow("File exists");
});
