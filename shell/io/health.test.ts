import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { Flags } from "../flags.ts";
import { askHealth, servicesHealth } from "./health.ts";
import type { Setting } from "./settings.ts";

const closing: { close(): unknown }[] = [];
afterEach(() => {
  for (const one of closing.splice(0)) one.close();
});

async function part(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  closing.push(server);
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function flagsOf(settings: Record<string, Setting>): Flags {
  const text = (name: string) => settings[name]?.value as string | undefined;
  return { settings: new Map(Object.entries(settings)), text, number: () => 0, on: () => false, list: () => [] };
}

const nobody = "http://127.0.0.1:1";

test("who says nothing with a 200 is well, and so is one that has no such page; what is said beside it is what does not work", async () => {
  const [well, older, full, ill] = await Promise.all([
    part((_, response) => response.end()),
    part((_, response) => response.writeHead(404).end("no such page")),
    part((_, response) => response.end("Nothing can be stored now: disk full")),
    part((_, response) => response.writeHead(503).end("loading")),
  ]);
  const told = await Promise.all([well, older, full, ill].map((url) => askHealth(url)));
  expect(told).toEqual([
    { healthy: true, why: "" },
    { healthy: true, why: "" },
    { healthy: false, why: "Nothing can be stored now: disk full", code: "cannot-store" },
    { healthy: false, why: "it answers 503" },
  ]);
  expect(await askHealth(nobody)).toMatchObject({ healthy: false, why: expect.stringContaining("ECONNREFUSED") });
});

test("init and cron belong to a cluster where something names them, or where they answer at the usual ports", async () => {
  const asked: (string | undefined)[] = [];
  const url = await part(({ headers }, response) => {
    asked.push(headers.authorization);
    response.end();
  });
  const address = url.replace("//", "//käthe:geheim@");
  const named = { init: { value: address, from: "MESETA_INIT" }, cron: { value: nobody, from: "MESETA_CRON" } };
  expect(await servicesHealth(flagsOf(named))).toMatchObject({
    init: [{ part: "init", url, healthy: true }],
    cron: [{ part: "cron", url: nobody, healthy: false }],
  });
  expect(asked).toEqual(["Basic a8OkdGhlOmdlaGVpbQ=="]);
  const usual = { init: { value: url, from: "default" }, cron: { value: nobody, from: "default" } };
  expect(await servicesHealth(flagsOf(usual))).toMatchObject({ init: [{ healthy: true }], cron: [] });
  const elsewhere = { ...usual, master: { value: "http://far:5050", from: "command line" } };
  expect(await servicesHealth(flagsOf(elsewhere))).toEqual({ init: [], cron: [] });
});
