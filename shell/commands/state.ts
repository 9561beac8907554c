import type { Invocation } from "../invocation.ts";
import { showCommand } from "../io/print.ts";

/** Only as an object: tables of its parts are what the other commands are for. */
export function run(invocation: Invocation): Promise<number> {
  return showCommand(invocation, async (cluster) => {
    const asked = (await cluster.chosenAgent(invocation.flags)) ?? cluster.master;
    const item = await asked.getState();
    const counts = Object.entries(item).flatMap(([part, lists]) =>
      Object.entries(lists as Readonly<Record<string, readonly unknown[]>>).map(([list, items]): [string, string] => [
        `${part.replace("get_", "")}.${list}`,
        `${items.length}`,
      ]),
    );
    return { item, name: "state", lines: counts };
  });
}
