// A registry that drips holds up nobody but those who want something of it. See fetch/slots.ts for how places are shared.
import type { ServerResponse } from "node:http";
import { afterEach, expect, test } from "vitest";
import { LyingRegistry } from "./lying-registry.rig.ts";
import { only, Place, partLength, until } from "./place.rig.ts";

const dripping = new Set<NodeJS.Timeout>();
afterEach(() => {
  for (const timer of dripping) clearInterval(timer);
  dripping.clear();
});

const big = { layers: [[{ name: "big", data: "0123456789".repeat(10_000) }]], config: {} };

function drip(response: ServerResponse, send: () => Buffer | undefined): void {
  const timer = setInterval(() => {
    const bytes = send();
    if (bytes) response.write(bytes);
  }, 10);
  dripping.add(timer);
  response.on("close", () => clearInterval(timer));
}

/** All blobs but the config drip their own bytes, from wherever they are asked for. */
function dripLayers(registry: LyingRegistry): void {
  const layer = registry.blobPath(0);
  registry.lie = ({ method, path, headers }, response, honest) => {
    if (method !== "GET" || path !== layer) return honest();
    const body = registry.image.blobs.get(layer.split("/").at(-1)!)!;
    let at = Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? 0);
    if (at > 0) response.setHeader("content-range", `bytes ${at}-${body.length - 1}/${body.length}`);
    response.writeHead(at > 0 ? 206 : 200, { "content-length": body.length - at });
    drip(response, () => (at < body.length ? body.subarray(at, ++at) : undefined));
  };
}

test("a neighbour's image comes while a framework's five pulls drip", async () => {
  await using slow = await LyingRegistry.start(big);
  await using quick = await LyingRegistry.start({ layers: [only("quick")], config: {} });
  await using place = await Place.open(quick, { leastRate: { bytes: 0, windowMs: 1000 } });
  dripLayers(slow);
  const end = new AbortController();
  const pulls = Array.from({ length: 5 }, (_, i) => {
    // Other credentials make another pull of it.
    const wish = { name: `${slow.host}/app:1`, cached: true, credentials: `{"auths":{"${i}.example":{}}}` };
    return place.images.prepare(wish, `hog${i}`, end.signal, "hog").catch(({ message }: Error) => message);
  });
  await until(() => slow.said("HEAD").length === 3);
  const wish = { name: `${quick.host}/app:1`, cached: true };
  const ready = await place.images.prepare(wish, "neighbour", end.signal, "neighbour");
  expect(ready.layers).toHaveLength(1);
  expect(slow.said("HEAD")).toHaveLength(3);
  end.abort(new Error("enough"));
  expect(await Promise.all(pulls)).toEqual(Array(5).fill("enough"));
});

test("a pull that is too slow waits for another turn behind the others, goes on with what came, and is given up after three", async () => {
  await using slow = await LyingRegistry.start(big);
  await using quick = await LyingRegistry.start({ layers: [only("quick")], config: {} });
  await using place = await Place.open(quick, { parallel: 1, leastRate: { bytes: 50_000, windowMs: 300 } });
  dripLayers(slow);
  const first = place.prepare(`${slow.host}/app:1`, "slow").catch(({ message }: Error) => message);
  await until(() => slow.said("HEAD").length === 1);
  const order: string[] = [];
  const second = place.prepare(`${quick.host}/app:1`, "quick").then(() => order.push("quick"));
  void first.then(() => order.push("slow"));
  await second;
  expect(slow.said("HEAD")).toHaveLength(1);
  const host = slow.host.replaceAll(".", "\\.");
  expect(await first).toMatch(
    new RegExp(
      `^the image ${host}/app:1 cannot be had: ${host} sent \\d+ bytes? in 0\\.3 s, and at least 50000 are wanted; .*--download-least-rate \\(it was tried 3 times\\)$`,
    ),
  );
  expect(order).toEqual(["quick", "slow"]);
  const ranges = slow.asked.flatMap(({ path, headers }) => (path === slow.blobPath(0) ? [headers.range] : []));
  expect(ranges).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]/), expect.stringMatching(/^bytes=[1-9]/)]);
  expect(partLength(place.options.dir)).toBeGreaterThan(0);
});

test("a neighbour gets the layer that another pull of the same drips, and goes on with what had come", async () => {
  await using slow = await LyingRegistry.start(big);
  await using quick = await LyingRegistry.start(big);
  await using place = await Place.open(quick, { leastRate: { bytes: 0, windowMs: 1000 }, turnMs: 300 });
  dripLayers(slow);
  const end = new AbortController();
  const hog = place.images
    .prepare({ name: `${slow.host}/app:1`, cached: true }, "hog", end.signal, "hog")
    .then(({ digest }) => digest);
  await until(() => slow.said("GET").includes(slow.blobPath(0)));
  const wish = { name: `${quick.host}/app:1`, cached: true };
  const { digest } = await place.images.prepare(wish, "neighbour", end.signal, "neighbour");
  expect(await hog).toBe(digest);
  const blobs = [slow, quick].map((registry) => registry.asked.filter(({ path }) => path === registry.blobPath(0)));
  expect(blobs.map((asked) => asked.length)).toEqual([1, 1]);
  expect(blobs[1]![0]!.headers.range).toMatch(/^bytes=[1-9]/);
});
