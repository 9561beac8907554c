import { iso } from "../core/since.ts";
import { eventLines } from "../core/views/events.ts";
import type { Invocation } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";

/** Without --follow: what is there now, told as events. With it: also what happens, until the process is ended. */
export function run({ flags, terminal, ...rest }: Invocation): Promise<number> {
  const asJson = flags.on("json") || flags.text("output") === "json";
  return withCluster({ flags, terminal, ...rest }, async (cluster) => {
    let isLost = false;
    const onLost = ({ reason }: { readonly reason: string }): void => {
      if (!isLost) terminal.err(`◐ lost the master: ${reason}; trying until it is back\n`);
      isLost = true;
    };
    for await (const event of cluster.master.events(onLost)) {
      if (isLost) terminal.err("● the master is back; what is there now:\n");
      isLost = false;
      if (asJson) terminal.out(`${JSON.stringify(event)}\n`);
      else
        for (const { text, tone } of eventLines(event))
          terminal.out(`${terminal.paint(iso(Date.now()), "dim")}  ${terminal.paint(text, tone)}\n`);
      if (!flags.on("follow")) break;
    }
    return 0;
  });
}
