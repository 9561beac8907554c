import { readFileSync } from "node:fs";
import { createRandom } from "@meseta/lib/core/random.ts";
import { expect, test } from "vitest";
import type { MasterEvent } from "./event.ts";
import { explainFramework, REASONS } from "./explain.ts";
import { createMaster } from "./master.ts";
import { MasterOut } from "./out.ts";
import { MASTER_DEFAULTS, type MasterConfig } from "./state.ts";

const config: MasterConfig = {
  ...MASTER_DEFAULTS,
  ...{ hostname: "h", ip: "127.0.0.1", port: 5050, version: "1.12.0" },
};

/** A master with one agent of 4 cpus, and frameworks as they are asked for. */
function cluster() {
  const master = createMaster(config, { random: createRandom(1), epoch: 1, startMs: 0, records: [] });
  const apply = (event: MasterEvent, nowMs = 1000) => {
    const out = new MasterOut();
    master.apply(event, nowMs, out);
    return out.effects;
  };
  const scalar = (name: string, value: number) => ({ name, type: "SCALAR" as const, scalar: { value } });
  const subscribe = {
    agent_info: { hostname: "a" },
    version: "1.12.0",
    total_resources: [scalar("cpus", 4), scalar("mem", 4096)],
    resource_version: "AAAAAAAAAAAAAAAAAAAAAA==",
  };
  const call = { link_version: 1, boot_id: "b", type: "SUBSCRIBE" as const, subscribe };
  apply({ type: "agent-subscribe", stream: 1, principal: undefined, address: "10.0.0.1", call });
  let streams = 1;
  const framework = (role: string, suppressed_roles: string[] = []) => {
    const framework_info = { user: "u", name: role, roles: [role], capabilities: [{ type: "MULTI_ROLE" as const }] };
    const subscribing = { type: "SUBSCRIBE" as const, subscribe: { framework_info, suppressed_roles } };
    apply({ type: "scheduler-subscribe", stream: ++streams, principal: undefined, call: subscribing });
    return [...master.state.frameworks.keys()].at(-1)!;
  };
  const explain = (id: string) => explainFramework(master.state, id, 3000) as Record<string, never>;
  return { master, apply, framework, explain };
}

test("who has offers is told which, and since when", () => {
  const { framework, explain } = cluster();
  expect(explain(framework("first"))).toMatchObject({
    name: "first",
    connection: "connected",
    last_offer_time: 1,
    seconds_since_last_offer: 2,
    offers: [{ hostname: "a", role: "first", resources: { cpus: 4, mem: 4096 } }],
    roles: [{ role: "first", suppressed: false, weight: 1, reasons: { NOTHING_LEFT: 1 } }],
  });
});

test("who comes second is told that nothing is left, and who holds it", () => {
  const { framework, explain } = cluster();
  const first = framework("first");
  const second = explain(framework("second"));
  expect(second).toMatchObject({
    offers: [],
    summary: `on 1 of 1 agents: ${REASONS.NOTHING_LEFT}`,
    roles: [{ agents: [{ hostname: "a", reason: "NOTHING_LEFT", holders: [{ framework_id: first, role: "first" }] }] }],
  });
  expect(second).not.toHaveProperty("last_offer_time", expect.anything());
});

test("who suppressed its roles is told so first of all", () => {
  const { framework, explain } = cluster();
  expect(explain(framework("quiet", ["quiet"]))).toMatchObject({ summary: REASONS.ROLE_SUPPRESSED, offers: [] });
});

test("a framework that was removed is known as such, another is not known", () => {
  const { apply, framework, explain } = cluster();
  const id = framework("gone");
  const teardown = { framework_id: { value: id } };
  apply({ type: "operator-call", request: 1, principal: undefined, call: { type: "TEARDOWN", teardown } });
  expect(explain(id)).toMatchObject({ name: "gone", connection: "removed" });
  expect(explain("nobody")).toBeUndefined();
});

test("the page of GET /explain lists every reason in its words", () => {
  const page = readFileSync(new URL("../../../docs/reference/master-http.md", import.meta.url), "utf8");
  for (const [reason, words] of Object.entries(REASONS)) expect(page).toContain(`| \`${reason}\` | ${words} |`);
});
