import type { InitClient } from "@meseta/sdk/init/client.ts";
import { Failure } from "../core/failure.ts";
import type { AppInFull } from "../core/views/apps.ts";
import { type Invocation, word } from "../invocation.ts";
import { deployCommand } from "../io/deploy.ts";
import { appOf } from "../io/init.ts";

export function run(invocation: Invocation): Promise<number> {
  return deployCommand(
    invocation,
    async (init) => {
      const app = await appOf(init, word(invocation, "app"));
      const version = (invocation.args["version"] as string | undefined) ?? (await versionBefore(init, app));
      const path = `/v2/apps${app.id}`;
      return { method: "PUT", path, body: { version }, what: `go back to ${version} of ${app.id}` };
    },
    () => `See it: meseta app show ${word(invocation, "app")}`,
  );
}

async function versionBefore(init: InitClient, { id, version }: AppInFull): Promise<string> {
  const { versions } = await init.get<{ versions: readonly string[] }>(`/v2/apps${id}/versions`);
  const older = versions.filter((one) => one < version).sort();
  const before = older.at(-1);
  if (before !== undefined) return before;
  throw new Failure("not-found", { kind: "app", name: `${id} before ${version}`, why: "this is its only version" });
}
