import { type Invocation, word } from "../invocation.ts";
import { readDefinition } from "../io/definition.ts";
import { deployCommand } from "../io/deploy.ts";

export function run(invocation: Invocation): Promise<number> {
  const body = readDefinition(invocation, word(invocation, "file"));
  const id = String(body["id"] ?? "the app");
  return deployCommand(
    invocation,
    async () => ({ method: "POST", path: "/v2/apps", body, what: `add ${id}` }),
    (changed) => `See it: meseta app show ${(changed.body as { id?: string }).id ?? id}`,
  );
}
