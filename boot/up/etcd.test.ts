import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testFolder } from "@meseta/lib/io/test-folder.rig.ts";
import { expect, it } from "vitest";
import { readPlace } from "../store/place.ts";
import { etcdMembers, etcdProgram, etcdStore, etcdWishes } from "./etcd.ts";
import { remember, writeKept } from "./kept.ts";

const dir = testFolder("up-etcd");

const ports = Object.fromEntries(etcdWishes().map(({ part, port }) => [part, port]));
const settings = { "log-level": "info" };

it("a machine without etcd is told what to install, and what needs none", () => {
  const refused = () => {
    try {
      return etcdProgram(dir);
    } catch (error) {
      return JSON.stringify(error);
    }
  };
  const missing = /"not-started".*apt-get install etcd-server.*leave --masters away/;
  expect(refused()).toMatch(missing);
  writeFileSync(join(dir, "etcd"), "");
  expect(refused()).toMatch(missing);
  chmodSync(join(dir, "etcd"), 0o755);
  expect(etcdProgram(`/nowhere:${dir}`)).toBe(join(dir, "etcd"));
});

it("three members have ports of their own, know one another, and are the store of all parts", () => {
  expect(new Set(Object.values(ports)).size).toBe(6);
  const parts = etcdMembers("/d", ports, "/usr/bin/etcd").map(({ part }) => part);
  expect(parts.map(({ name }) => name)).toEqual(["etcd-1", "etcd-2", "etcd-3"]);
  for (const { name, command, logFile } of parts) {
    expect(command).toContain("etcd-1=http://127.0.0.1:2380,etcd-2=http://127.0.0.1:2382,etcd-3=http://127.0.0.1:2384");
    expect([command!.at(command!.indexOf("--data-dir") + 1), logFile]).toEqual([`/d/${name}`, `/d/logs/${name}.log`]);
  }
  expect(readPlace(etcdStore(ports))).toEqual({
    kind: "etcd",
    hosts: ["127.0.0.1:2379", "127.0.0.1:2381", "127.0.0.1:2383"],
    folder: "meseta",
  });
});

it("a cluster has as many masters as last time, or as it is told", () => {
  writeKept(dir, { agents: 1, masters: 3, ip: "127.0.0.1", running: false });
  expect(remember(dir, settings).masters).toBe(3);
  expect(remember(dir, { ...settings, masters: "1" }).masters).toBe(1);
  expect(remember(dir, { ...settings, masters: "5" }).masters).toBe(5);
  expect(() => remember(dir, { ...settings, masters: "0" })).toThrow(/masters/);
});

it("what a newer release remembers of a cluster is not misread", () => {
  writeKept(dir, { form: 2, agents: 1, ip: "127.0.0.1", running: false });
  expect(() => remember(dir, settings)).toThrow(/newer release/);
});
