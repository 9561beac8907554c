import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { HttpClient } from "@meseta/lib/io/http/client.ts";
import { expect, it } from "vitest";
import { Turns } from "./measure.ts";

it("an answer that begins and does not end is given up", async () => {
  const server = createServer((_request, response) => void response.writeHead(200).write("load "));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = new HttpClient(1, { bodyTimeoutMs: 20 });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
  await expect(client.exchange({ url, method: "GET" })).rejects.toThrow("no whole answer within 20 ms");
  client.close();
  server.close();
});

it("of many only so many work at a time, and the next begins when one is over, well or not", async () => {
  const turns = new Turns(2);
  const begun: number[] = [];
  const ends = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
  const all = Promise.allSettled(
    ends.map(({ promise }, i) =>
      turns.take(() => {
        begun.push(i);
        return promise;
      }),
    ),
  );
  expect(begun).toEqual([0, 1]);
  ends[1]!.reject(new Error("nobody answers"));
  ends[2]!.resolve();
  ends[3]!.resolve();
  ends[0]!.resolve();
  const results = await all;
  expect([begun, results.map(({ status }) => status)]).toEqual([
    [0, 1, 2, 3],
    ["fulfilled", "rejected", "fulfilled", "fulfilled"],
  ]);
});
