import { afterEach, describe, expect, it } from "vitest";
import type { Address } from "../core/ports/election.ts";
import { silentLog } from "../core/ports/log.ts";
import { textAnswer } from "./http/answer.ts";
import type { Handler } from "./http/request.ts";
import { type HttpServer, serve } from "./http/server.ts";
import { LeaderWatch, leaderChanged } from "./leader-watch.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function listen(handler: Handler): Promise<HttpServer> {
  const server = await serve({ host: "127.0.0.1", port: 0, handler, log: silentLog });
  ends.push(() => server.close());
  return server;
}

const [A, B] = [
  { hostname: "10.0.0.1", port: 5050 },
  { hostname: "10.0.0.2", port: 5050 },
];
const CURRENT = "http://10.0.0.1:5050";

function watching(urls: readonly string[]) {
  const over = new AbortController();
  ends.push(() => over.abort());
  const heard: Address[] = [];
  void leaderChanged([CURRENT, ...urls], CURRENT, A, over.signal).then((leader) => heard.push(leader));
  return heard;
}

describe("a client of a leader", () => {
  it("hears from one who stands by when another one leads, and not while nobody does", async () => {
    let leader: Address | undefined = A;
    let looks = 0;
    const watch = new LeaderWatch(() => {
      looks++;
      return leader && { leader, isSelf: false };
    });
    const server = await listen(watch.handler);
    const heard = watching([server.url]);
    await expect.poll(() => looks).toBeGreaterThan(1);
    leader = undefined;
    const before = looks;
    await expect.poll(() => looks).toBeGreaterThan(before + 2);
    expect(heard).toEqual([]);
    leader = B;
    await expect.poll(() => heard).toEqual([B]);
  });

  it("is not told of a leader that was seen for a moment only, by one who was late to hear of his own", async () => {
    const seen = [B, A, A, A];
    const watch = new LeaderWatch(() => ({ leader: seen.shift() ?? A, isSelf: false }));
    const server = await listen(watch.handler);
    const heard = watching([server.url]);
    await expect.poll(() => seen).toEqual([]);
    expect(heard).toEqual([]);
  });

  it("is told at once by the leader himself", async () => {
    const seen = [A, B];
    const watch = new LeaderWatch(() => ({ leader: seen.shift() ?? A, isSelf: true }));
    const server = await listen(watch.handler);
    const heard = watching([server.url]);
    await expect.poll(() => heard).toEqual([B]);
  });

  it("asks another one where one is gone, and no more where nobody knows what is asked", async () => {
    const gone = await listen(() => undefined);
    await gone.close();
    let asked = 0;
    const stranger = await listen(() => {
      asked++;
      return textAnswer(404, "404 Not Found.");
    });
    const server = await listen(new LeaderWatch(() => ({ leader: B, isSelf: false })).handler);
    const told = watching([gone.url, server.url]);
    await expect.poll(() => told).toEqual([B]);
    const heard = watching([stranger.url]);
    await expect.poll(() => asked).toBe(1);
    expect(heard).toEqual([]);
  });

  it("must say of whom it believes that he leads", async () => {
    const server = await listen(new LeaderWatch(() => ({ leader: B, isSelf: false })).handler);
    expect((await fetch(server.url)).status).toBe(400);
  });
});
