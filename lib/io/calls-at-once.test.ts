import { silentLog } from "@meseta/lib/core/ports/log.ts";
import { expect, test } from "vitest";
import { CallStream } from "./call-stream.ts";
import { textAnswer } from "./http/answer.ts";
import { serve } from "./http/server.ts";

/** Ports where nobody listens: no machine runs these any more. */
const gone = ["http://127.0.0.1:1", "http://127.0.0.1:2"];

test.each([
  { named: "before", urls: (leader: string) => [...gone, leader] },
  { named: "around", urls: (leader: string) => [gone[0]!, leader, gone[1]!] },
])("of several calls at once each finds the leader, whoever is gone $named it", async ({ urls }) => {
  const server = await serve({ host: "127.0.0.1", port: 0, handler: () => textAnswer(200, "done"), log: silentLog });
  const stream = new CallStream({
    urls: urls(server.url),
    path: "/api",
    mediaType: "application/json",
    connections: 4,
    random: () => 0,
  });
  const answers = await Promise.all(Array.from({ length: 12 }, () => stream.call("{}")));
  expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200));
  await stream.close();
  await server.close();
});
