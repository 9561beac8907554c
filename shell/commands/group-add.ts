import { type Invocation, word } from "../invocation.ts";
import { readDefinition } from "../io/definition.ts";
import { deployCommand } from "../io/deploy.ts";

export function run(invocation: Invocation): Promise<number> {
  const body = readDefinition(invocation, word(invocation, "file"));
  const id = String(body["id"] ?? "the group");
  return deployCommand(
    invocation,
    async () => ({ method: "POST", path: "/v2/groups", body, what: `add ${id}` }),
    () => `See it: meseta group show ${id}`,
  );
}
