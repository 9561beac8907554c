// How many times a second two bags of six resources are added, subtracted and compared, against merely copying one of them.
import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { allocate } from "@meseta/api/mesos/resources/allocation.ts";
import { add, contains, subtract } from "@meseta/api/mesos/resources/bag.ts";
import { parseResources } from "@meseta/api/mesos/resources/parse.ts";

const labelled: Resource["reservations"] = [
  { type: "DYNAMIC", role: "web", principal: "p", labels: { labels: [{ key: "k", value: "v" }] } },
];
const whole = bag("cpus:8;mem:8192;disk:10240;ports:[31000-32000]");
const part = bag("cpus:0.1;mem:32;disk:5;ports:[31005-31006]");
const ROUNDS = 300_000;

const copying = perSecond(() => whole.map((resource) => ({ ...resource })));
for (const [name, operation] of Object.entries({
  add: () => add(whole, part),
  subtract: () => subtract(whole, part),
  contains: () => contains(whole, part),
})) {
  const rate = perSecond(operation);
  console.log(
    `${name.padEnd(9)} ${Math.round(rate).toLocaleString("en")} /s   ${(rate / copying).toFixed(2)} × copying a bag`,
  );
}

function bag(text: string): Resource[] {
  const parsed = parseResources(text);
  if ("message" in parsed) throw new Error(parsed.message);
  const plain = allocate(parsed, "web");
  return [...plain, ...plain.slice(0, 2).map((resource) => ({ ...resource, reservations: structuredClone(labelled) }))];
}

/** CPU time, not wall time: a busy neighbour does not count. */
function perSecond(operation: () => unknown): number {
  for (let i = 0; i < ROUNDS / 30; i++) operation();
  const before = process.cpuUsage();
  for (let i = 0; i < ROUNDS; i++) operation();
  const { user, system } = process.cpuUsage(before);
  return (ROUNDS * 1e6) / (user + system);
}
