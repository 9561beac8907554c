import type { Invocation } from "../invocation.ts";
import { showCommand } from "../io/print.ts";

export function run(invocation: Invocation): Promise<number> {
  return showCommand(invocation, async (cluster) => {
    const asked = (await cluster.chosenAgent(invocation.flags)) ?? cluster.master;
    const level = await asked.getLoggingLevel();
    return { item: { level }, name: `${level}`, lines: [["Level", `${level} of 3`]] };
  });
}
