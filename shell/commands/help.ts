import { errorCodes, errorPage } from "@meseta/api/errors.ts";
import { nearest } from "@meseta/lib/core/nearest.ts";
import { Failure } from "../core/failure.ts";
import { route } from "../core/route.ts";
import { type Invocation, words } from "../invocation.ts";
import { overview } from "../overview.ts";
import { helpText } from "../parse.ts";
import { allRows } from "../table/all.ts";

export async function run(invocation: Invocation): Promise<number> {
  invocation.terminal.out(page(words(invocation, "topic"), Math.min(invocation.terminal.width ?? 80, 100)));
  return 0;
}

function page(topic: readonly string[], width: number): string {
  const name = topic.join(" ");
  if (name === "exit-codes") return EXIT_CODES;
  if (name === "errors") return `${errorCodes.map((code) => `${code}\n`).join("")}`;
  const error = errorPage(name);
  if (error) return error;
  const found = route(topic, allRows);
  if (found.type === "overview") return overview(found.noun);
  if (found.type === "command") return helpText(found.row, width);
  const meant = found.suggestion ?? nearest(name, [...errorCodes, "exit-codes", "errors"]);
  const why = meant ? `did you mean \`${meant}\`?` : "topics are commands, exit-codes, errors, and codes of errors";
  throw new Failure("unknown-word", { word: name, why, help: `meseta help ${meant ?? ""}`.trim() });
}

const EXIT_CODES = `Exit codes:

    0  done
    1  failed
    2  wrong usage
    3  the plan has changes (commands that plan)
    4  not found
    5  refused: no permission
    6  conflict: something else holds what this needs
    7  timed out while waiting
    8  the cluster cannot be reached
  130  interrupted

\`meseta run\` exits with the task's own code, and has its own failures above:

  125  the cluster failed: unreachable, or the task was lost
  126  the task cannot be run
  127  the command does not exist
128+n  the task was ended by signal n
`;
