import { unknownField } from "../core/app-fields.ts";
import { Failure } from "../core/failure.ts";
import { splitPair } from "../core/values.ts";
import { type Invocation, word, words } from "../invocation.ts";
import { readDefinition } from "../io/definition.ts";
import { deployCommand } from "../io/deploy.ts";
import { appOf } from "../io/init.ts";

export function run(invocation: Invocation): Promise<number> {
  const body = changesOf(invocation);
  return deployCommand(
    invocation,
    async (init) => {
      const { id } = await appOf(init, word(invocation, "app"));
      const query = { partialUpdate: invocation.flags.on("replace") ? "false" : undefined };
      return { method: "PUT", path: `/v2/apps${id}`, query, body, what: `update ${id}` };
    },
    () => `See it: meseta app show ${word(invocation, "app")}`,
  );
}

/** A file, or fields with their values: JSON where it is JSON, else text. */
function changesOf(invocation: Invocation): Record<string, unknown> {
  const given = words(invocation, "changes");
  if (given.length === 1 && !given[0]!.includes("=")) return readDefinition(invocation, given[0]!);
  return Object.fromEntries(given.map(fieldOf));
}

function fieldOf(text: string): [string, unknown] {
  const [name, value] = splitPair(text);
  if (!text.includes("=")) {
    const why = 'it takes one file, or fields as in cpus=0.5 env=\'{"A":"b"}\'';
    throw new Failure("usage", { message: `${text} is no field with a value`, why });
  }
  const wrong = unknownField(name);
  if (wrong !== undefined) throw new Failure("usage", { message: `${name} is no field of an app`, why: wrong });
  try {
    return [name, JSON.parse(value)];
  } catch {
    return [name, value];
  }
}
