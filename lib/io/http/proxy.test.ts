import { afterEach, describe, expect, it } from "vitest";
import { silentLog } from "../../core/ports/log.ts";
import type { Leader } from "../place.ts";
import { jsonAnswer, textAnswer } from "./answer.ts";
import { passedOn, targetOf } from "./proxy.ts";
import type { Handler, Request } from "./request.ts";
import { type HttpServer, serve } from "./server.ts";

const servers: HttpServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function listen(handler: Handler): Promise<HttpServer> {
  const server = await serve({ host: "127.0.0.1", port: 0, handler, log: silentLog });
  servers.push(server);
  return server;
}

/** A server that stands by, and what it passed on. */
async function standby(answer: Handler, leads: (port: number) => Leader = (port) => ({ hostname: "127.0.0.1", port })) {
  const seen: Request[] = [];
  const leader = await listen((request, reply) => {
    seen.push(request);
    return answer(request, reply);
  });
  const options = {
    leader: () => leads(leader.port),
    own: "me:1",
    via: "X-Via",
    refused: textAnswer,
    leaderless: 503,
  };
  const server = await listen(passedOn(options, () => textAnswer(200, "my own")));
  return { url: server.url, seen, leader };
}

describe("who stands by passes on", () => {
  it("the method, the path as it was, the query, the headers and the body, and says for whom", async () => {
    const { url, seen } = await standby(() => jsonAnswer({ done: true }, 201));
    const answer = await fetch(`${url}/v2/apps/a%20b%3Fc?force=true&x=1&x=2`, {
      method: "PUT",
      headers: { "Content-Type": "application/json", Authorization: "Basic x", "X-Forwarded-For": "10.0.0.9" },
      body: '{"id":"/ä"}',
    });
    expect([answer.status, await answer.json()]).toEqual([201, { done: true }]);
    const [{ method, path, query, headers, body }] = seen as [Request];
    expect([method, path, query.toString()]).toEqual(["PUT", "/v2/apps/a b?c", "force=true&x=1&x=2"]);
    expect(Buffer.from(body).toString()).toBe('{"id":"/ä"}');
    expect(headers).toMatchObject({
      "content-type": "application/json",
      authorization: "Basic x",
      "x-via": "me:1",
      "x-forwarded-for": expect.stringMatching(/^10\.0\.0\.9, .*127\.0\.0\.1$/),
    });
  });

  it("the leader's status and headers, also of a refusal and of an answer without a body", async () => {
    const { url } = await standby(({ path }) =>
      path === "/none" ? { status: 204, headers: { "X-Marathon-Leader": "http://l:1" } } : textAnswer(404, "no such"),
    );
    const none = await fetch(`${url}/none`);
    expect([none.status, none.headers.get("x-marathon-leader")]).toEqual([204, "http://l:1"]);
    expect(await fetch(`${url}/other`).then((answer) => answer.text())).toBe("no such");
  });

  it("a stream piece by piece, and ends it at the leader when its reader leaves", async () => {
    let left = false;
    const { url } = await standby((_, reply) => {
      reply.onGone(() => (left = true));
      reply.open({ "Content-Type": "text/event-stream" }).write("data: 1\n\n");
      return undefined;
    });
    const leaving = new AbortController();
    const answer = await fetch(url, { signal: leaving.signal });
    const { value } = await answer.body!.getReader().read();
    expect(new TextDecoder().decode(value)).toBe("data: 1\n\n");
    leaving.abort();
    await expect.poll(() => left).toBe(true);
  });

  it("nothing that was passed on already", async () => {
    const { url, seen } = await standby(() => textAnswer(200, "never"));
    const answer = await fetch(url, { headers: { "X-Via": "other:2" } });
    expect([answer.status, await answer.text()]).toEqual([502, "Detected proxying loop."]);
    expect(seen).toEqual([]);
  });

  it("nothing while nobody leads, or when the leader does not answer, and says so", async () => {
    const leaderless = await standby(
      () => textAnswer(200, "never"),
      () => undefined,
    );
    expect((await fetch(leaderless.url)).status).toBe(503);
    const gone = await standby(() => textAnswer(200, "never"));
    await gone.leader.close();
    const answer = await fetch(gone.url);
    expect([answer.status, await answer.text()]).toEqual([502, expect.stringContaining("The leader does not answer")]);
  });

  it("what only reads to the next leader where the one before stands still, and tells of a change that nobody knows what became of it", async () => {
    const waiting: string[] = [];
    const silent = await listen(({ method }) => void waiting.push(method));
    let leader: Leader = { hostname: "127.0.0.1", port: silent.port };
    const { url, seen } = await standby(
      () => textAnswer(200, "the next one's"),
      () => leader,
    );
    const answers = ["GET", "PUT"].map(async (method) => {
      const answer = await fetch(url, { method });
      return [answer.status, await answer.text()];
    });
    await expect.poll(() => waiting.toSorted()).toEqual(["GET", "PUT"]);
    leader = "self";
    expect(await Promise.all(answers)).toEqual([
      [200, "my own"],
      [502, expect.stringContaining("whether it was done is not known")],
    ]);
    expect(seen).toEqual([]);
  });

  it("nothing when it leads itself", async () => {
    const { url } = await standby(
      () => textAnswer(200, "never"),
      () => "self",
    );
    expect(await fetch(url).then((answer) => answer.text())).toBe("my own");
  });
});

it("a path is encoded so that it is decoded to the same", () => {
  const path = "/v2/apps/ä b/?#%";
  expect(decodeURIComponent(targetOf({ path, query: new URLSearchParams() }))).toBe(path);
});
