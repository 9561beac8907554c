import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { InitClient } from "./client.ts";

const server = createServer(({ headers }, response) => {
  response.end(JSON.stringify({ said: headers.authorization ?? null }));
});
beforeAll(() => once(server.listen(0, "127.0.0.1"), "listening"));
afterAll(() => server.close());

test("credentials are said with each request, and nothing where there are none", async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
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
