import { type Invocation, word } from "../invocation.ts";
import { readDefinition } from "../io/definition.ts";
import { deployCommand } from "../io/deploy.ts";

export function run(invocation: Invocation): Promise<number> {
  const body = readDefinition(invocation, word(invocation, "file"));
  const id = String(body["id"] ?? "the pod");
  return deployCommand(
    invocation,
    async () => ({ method: "POST", path: "/v2/pods", body, what: `add ${id}` }),
    () => `See it: meseta pod show ${id}`,
  );
}
