import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CronClient } from "../cron/client.ts";
import { InitClient } from "../init/client.ts";

const server = createServer(({ headers, url }, response) => {
  if (url === "/nothing") response.writeHead(204).end();
  else if (url === "/refused") response.writeHead(409).end(JSON.stringify(REFUSAL));
  else if (url === "/not-there") response.writeHead(404).end("{}");
  else if (url === "/stream") response.end(`event: x\ndata: {"eventType":"said ${headers.authorization}"}\n\n`);
  else response.end(JSON.stringify({ said: headers.authorization ?? null }));
});
const REFUSAL = { status: "Bad Request", message: "not so", details: [{ path: "/cpus", errors: ["a", "b"] }] };
let url: string;
beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

test("credentials are said with each request, and nothing where there are none", async () => {
  const said = async (credentials?: string) => {
    const client = new InitClient([url], credentials);
    const { said } = await client.get<{ said: string | null }>("/v2/apps");
    const { body } = await client.change({ method: "POST", path: "/v2/apps", body: {}, what: "add" });
    client.close();
    return [said, body];
  };
  expect(await said("Aladdin:open sesame")).toEqual([BASIC, { said: BASIC }]);
  expect(await said()).toEqual([null, { said: null }]);
});

// The example of RFC 7617.
const BASIC = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";

test("what is refused is told in the daemon's own words, and what is not there is undefined for who asks so", async () => {
  const cron = new CronClient([url]);
  const refused = cron.change({ method: "PUT", path: "/refused", body: {}, what: "replace job a" });
  await expect(refused).rejects.toMatchObject({ status: 409, call: "replace job a", text: "not so: /cpus: a; b" });
  expect(await cron.find("/not-there")).toBeUndefined();
  const nothing = await cron.change({ method: "POST", path: "/nothing", what: "pause a" });
  expect(nothing).toEqual({ body: undefined, leftAside: [] });
  cron.close();
});

test("the next URL is asked where the first leads nowhere, and who is not reached at all is named", async () => {
  const nobody = "http://127.0.0.1:1";
  const cron = new CronClient([nobody, url]);
  expect(await cron.get("/v1/jobs")).toEqual({ said: null });
  cron.close();
  await expect(new CronClient([nobody]).get("/v1/jobs")).rejects.toMatchObject({ who: "cron", url: nobody });
});

test("the next one is asked as well where one says nothing, by what only reads, and a stream is read where it is", async () => {
  const asked: string[] = [];
  const silent = createServer(({ method, url: path }, response) => {
    asked.push(`${method} ${path}`);
    if (path === "/v2/events") response.writeHead(302, { Location: `${url}/stream` }).end();
  });
  await once(silent.listen(0, "127.0.0.1"), "listening");
  const init = new InitClient([`http://127.0.0.1:${(silent.address() as AddressInfo).port}`, url], "a:b");
  let written: unknown;
  const change = init.change({ method: "POST", path: "/v2/apps", what: "add" }).catch((error) => (written = error));
  expect(await init.get("/v2/apps")).toEqual({ said: "Basic YTpi" });
  expect(written).toBeUndefined();
  expect((await init.events().next()).value).toEqual({ eventType: "said Basic YTpi" });
  init.close();
  await change;
  expect(written).toMatchObject({ who: "init" });
  expect(asked.toSorted()).toEqual(["GET /v2/apps", "GET /v2/events", "POST /v2/apps"]);
  silent.close();
  silent.closeAllConnections();
});
