import { counted } from "@meseta/lib/core/words.ts";
import { lastPart } from "../core/name.ts";
import { frameworkId } from "../core/views/frameworks.ts";
import { tasksOf } from "../core/views/tasks.ts";
import { type Invocation, word } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";
import { confirm } from "../io/confirm.ts";

export function run(invocation: Invocation): Promise<number> {
  return withCluster(invocation, async (cluster) => {
    const framework = await cluster.framework(word(invocation, "framework"));
    const id = frameworkId(framework);
    const all = tasksOf(await cluster.master.getTasks(), false);
    const count = all.filter((task) => task.framework_id.value === id).length;
    const { name } = framework.framework_info;
    await confirm(invocation, { what: `End framework ${name} (${lastPart(id)}) with ${counted(count, "task")}`, name });
    await cluster.master.teardown({ value: id });
    invocation.terminal.err(`○ ${name} ended, with ${counted(count, "task")} · see it: meseta framework list --all\n`);
    return 0;
  });
}
