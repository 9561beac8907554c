import type { Explanation } from "@meseta/sdk/core/explanation.ts";
import { renderDetails } from "../core/listing.ts";
import { explainText } from "../core/views/explain.ts";
import { frameworkId } from "../core/views/frameworks.ts";
import { type Invocation, word } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";
import { outputOf } from "../io/print.ts";

export function run(invocation: Invocation): Promise<number> {
  const output = outputOf(invocation);
  const role = invocation.flags.text("role");
  return withCluster(invocation, async (cluster) => {
    const id = frameworkId(await cluster.framework(word(invocation, "framework")));
    const whole = await cluster.get<Explanation>(`/explain?framework_id=${encodeURIComponent(id)}`);
    const item = { ...whole, roles: whole.roles.filter((each) => role === undefined || each.role === role) };
    const isText = output.form === "table" || output.form === "wide";
    invocation.terminal.out(
      isText ? explainText(item, Date.now(), output) : renderDetails({ item, name: id, lines: [] }, output),
    );
    return 0;
  });
}
