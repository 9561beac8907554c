import { randomBytes } from "node:crypto";

/**
 * Recorded ids, uuids, ports and paths stand in the recordings as symbols: `{agent:0}`, `{offer:3}`, `{bytes:7}`. The first
 * answer that shows a symbol's value here binds it; from then on the two must agree, and requests send the bound value.
 * `{any}`, `{string}` and `{number}` stand for values that say nothing: times, pids, sizes, build dates.
 */
export class Symbols {
  readonly #values: Map<string, readonly string[]>;

  constructor(values: Iterable<readonly [string, readonly string[]]> = []) {
    this.#values = new Map(values);
  }

  /** A copy to try a comparison on. */
  fork(): Symbols {
    return new Symbols(this.#values);
  }

  adopt(fork: Symbols): void {
    for (const [name, values] of fork.#values) this.#values.set(name, values);
  }

  /** One offer there can be several here, since freed resources are offered at once: so a symbol has a list of values. */
  bind(name: string, ...values: string[]): void {
    this.#values.set(name, values);
  }

  valuesOf(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** The text with each symbol's value; a uuid that only the client knows is made up; `{"value":"{offer:3}"}` becomes a list when there are several. */
  fill(text: string): string {
    const lists = text.replace(
      /"offer_ids":\[([^\]]*)\]/g,
      (_, items: string) => `"offer_ids":[${this.#offerIds(items)}]`,
    );
    return lists.replace(symbolPattern(), (whole, name: string) => this.#valueFor(name) ?? whole);
  }

  #offerIds(items: string): string {
    const ids = items.replace(/\{"value":"\{(offer:\d+)\}"\}/g, (whole, name: string) => {
      const values = this.#values.get(name);
      return values === undefined ? whole : values.map((value) => JSON.stringify({ value })).join(",");
    });
    return ids
      .split(",")
      .filter((id) => id !== "")
      .join(",");
  }

  /** Whether the answer says what was recorded; binds the symbols that are seen for the first time. */
  matches(expected: string, actual: unknown): boolean {
    if (expected === "{any}") return true;
    if (expected === "{number}") return typeof actual === "number" && Number.isFinite(actual);
    if (expected === "{string}") return typeof actual === "string";
    if (typeof actual !== "string" && typeof actual !== "number") return false;
    return this.#matchesText(expected, String(actual));
  }

  #matchesText(expected: string, actual: string): boolean {
    const unbound: string[] = [];
    let pattern = "";
    let end = 0;
    for (const found of expected.matchAll(symbolPattern())) {
      pattern += RegExp.escape(expected.slice(end, found.index)) + this.#patternOf(found[1]!, unbound);
      end = found.index + found[0].length;
    }
    const match = new RegExp(`^${pattern}${RegExp.escape(expected.slice(end))}$`, "s").exec(actual);
    if (match === null) return false;
    for (const [i, name] of unbound.entries()) this.bind(name, match[i + 1]!);
    return true;
  }

  #patternOf(name: string, unbound: string[]): string {
    const values = this.valuesOf(name);
    if (values.length > 0) return `(?:${values.map((value) => RegExp.escape(value)).join("|")})`;
    const kind = name.split(":")[0]!;
    if (kind === "bytes" || SHAPES[kind] === undefined) unbound.push(name);
    return SHAPES[kind] ?? "([^/\\s\"',]+)";
  }

  #valueFor(name: string): string | undefined {
    if (name.endsWith(":encoded")) {
      const plain = this.valuesOf(name.slice(0, -":encoded".length))[0];
      return plain && encodeURIComponent(plain);
    }
    if (name.startsWith("bytes:") && this.valuesOf(name).length === 0)
      this.bind(name, randomBytes(16).toString("base64"));
    return this.valuesOf(name)[0];
  }
}

/** What stands for a symbol that is not an id; only bytes are bound. */
const SHAPES: Readonly<Record<string, string>> = {
  bytes: "([A-Za-z0-9+/]{22}==)",
  string: "(?:.*)",
  number: "(?:.*)",
  any: "(?:.*)",
  "log-dir": "(?:/.*?)",
  "log-file": "(?:/.*?)",
  "master-dir": "(?:/.*?)",
  group: "(?:.*)",
};

const NAMES =
  "master|agent|framework|offer|uuid|bytes|master-port|agent-port|work-dir|log-dir|log-file|master-dir|client-dir|node|user|group|string|number|any";

export function symbolPattern(): RegExp {
  return new RegExp(`\\{((?:${NAMES})(?::[a-z0-9]+)?)\\}`, "g");
}
