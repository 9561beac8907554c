import { expect, it } from "vitest";
import { silentLog } from "../../core/ports/log.ts";
import { compressed } from "./compress.ts";
import { serve } from "./server.ts";

function* broken(): Generator<string> {
  yield "a".repeat(100_000);
  throw new Error("this piece cannot be made");
}

it("an answer that breaks in the middle breaks alone, compressed or not", async () => {
  const handler = ({ path }: { path: string }) =>
    path === "/well" ? { status: 200, body: "well" } : { status: 200, pieces: broken() };
  await using server = await serve({ host: "127.0.0.1", port: 0, log: silentLog, dress: compressed, handler });
  for (const encoding of ["identity", "gzip"]) {
    const headers = { "Accept-Encoding": encoding };
    const answer = fetch(`${server.url}/broken`, { headers }).then((whole) => whole.text());
    await expect(answer).rejects.toThrow();
  }
  expect(await (await fetch(`${server.url}/well`)).text()).toBe("well");
});
