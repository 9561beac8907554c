import type { Attribute, Resource, Value, ValueRange } from "../generated/mesos.ts";
import { isRefusal, type Refusal, refuse } from "../refusal.ts";
import { sum } from "./bag.ts";
import { upgrade } from "./formats.ts";
import { printScalar } from "./print.ts";
import { normaliseRanges } from "./ranges.ts";
import { validateResource } from "./validate.ts";

/**
 * Reads resources as the agent's `--resources` takes them: `cpus:4;mem:2048;ports:[31000-32000,33000-33001];zones:{a,b};disk(web):512`. The role in
 * round brackets is a static reservation; without one the resource belongs to `defaultRole`. A refusal names the piece that is wrong.
 */
export function parseResources(text: string, defaultRole = "*"): Resource[] | Refusal {
  const out: Resource[] = [];
  for (const piece of pieces(text)) {
    const resource = parseResource(piece, defaultRole);
    if (isRefusal(resource)) return resource;
    out.push(resource);
  }
  return sum([out]);
}

/** Reads attributes as the agent's `--attributes` takes them: `rack:a;level:10;ports:[1-2];kinds:{x,y}`. What is no number, range or set is text. */
export function parseAttributes(text: string): Attribute[] | Refusal {
  const out: Attribute[] = [];
  for (const piece of pieces(text)) {
    const [name, written] = halves(piece);
    if (name === "" || written === undefined || written === "")
      return refuse(`Attribute '${piece}' is not of the form name:value`);
    const value = parseValue(written);
    if (isRefusal(value)) return refuse(`Attribute '${piece}' is invalid: ${value.message}`);
    out.push({ name, ...value });
  }
  return out;
}

/** Reads one value: a number, `[1-2, 5-6]`, `{a, b}`, or else text. */
function parseValue(text: string): Value | Refusal {
  const written = text.trim();
  if (written.startsWith("[")) return parseRanges(written);
  if (written.startsWith("{")) return parseSet(written);
  if (NUMBER.test(written)) return { type: "SCALAR", scalar: { value: Number(written) } };
  return { type: "TEXT", text: { value: written } };
}

/** Writes resources as `parseResources` reads them. Only what that form can say is written: no disk, no revocable, no dynamic reservation. */
export function writeResources(resources: readonly Resource[]): string {
  return resources.map((resource) => `${resource.name}${writeRole(resource)}:${writeValue(resource)}`).join(";");
}

/** Writes attributes as `parseAttributes` reads them. */
export function writeAttributes(attributes: readonly Attribute[]): string {
  return attributes.map((attribute) => `${attribute.name}:${writeValue(attribute)}`).join(";");
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const RANGE = /^\s*(\d+)\s*-\s*(\d+)\s*$/;
const NAME_AND_ROLE = /^([^()]+)\(([^()]*)\)$/;
const ALWAYS: Readonly<Record<string, Value["type"]>> = {
  cpus: "SCALAR",
  mem: "SCALAR",
  disk: "SCALAR",
  gpus: "SCALAR",
  ports: "RANGES",
};
const FORM = { SCALAR: "a number", RANGES: "ranges such as [1-2]", SET: "a set", TEXT: "text" } as const;

function pieces(text: string): string[] {
  return text
    .split(/[;\n]/)
    .map((piece) => piece.trim())
    .filter((piece) => piece !== "");
}

/** What stands before the first colon and what after it. */
function halves(piece: string): [string, string | undefined] {
  const colon = piece.indexOf(":");
  return colon < 0 ? [piece, undefined] : [piece.slice(0, colon).trim(), piece.slice(colon + 1).trim()];
}

function parseResource(piece: string, defaultRole: string): Resource | Refusal {
  const [subject, written] = halves(piece);
  if (subject === "" || written === undefined || written === "")
    return refuse(`Resource '${piece}' is not of the form name:value or name(role):value`);
  const [, name = subject, role = defaultRole] = NAME_AND_ROLE.exec(subject) ?? [];
  if (/[()]/.test(name)) return refuse(`Resource '${piece}' has brackets that are not of the form name(role)`);
  const value = parseValue(written);
  if (isRefusal(value)) return refuse(`Resource '${piece}' is invalid: ${value.message}`);
  const { type, text: _, ...rest } = value;
  const wanted = Object.hasOwn(ALWAYS, name.trim()) ? ALWAYS[name.trim()] : undefined;
  if (type === "TEXT" || (wanted !== undefined && wanted !== type))
    return refuse(`Resource '${piece}' must be ${wanted === undefined ? "a number, ranges or a set" : FORM[wanted]}`);
  return checked(piece, upgrade({ name: name.trim(), type, ...rest, role: role.trim() }));
}

function checked(piece: string, resource: Resource): Resource | Refusal {
  const refusal = validateResource(resource);
  return refusal === undefined ? resource : refuse(`Resource '${piece}' is invalid: ${refusal.message}`);
}

function parseRanges(text: string): Value | Refusal {
  if (!text.endsWith("]")) return refuse(`'${text}' lacks the closing ']'`);
  const range: ValueRange[] = [];
  for (const part of text.slice(1, -1).split(",")) {
    if (part.trim() === "") continue;
    const bounds = RANGE.exec(part);
    if (bounds === null) return refuse(`'${part.trim()}' is not a range such as 31000-32000`);
    range.push({ begin: Number(bounds[1]), end: Number(bounds[2]) });
  }
  return { type: "RANGES", ranges: { range } };
}

function parseSet(text: string): Value | Refusal {
  if (!text.endsWith("}")) return refuse(`'${text}' lacks the closing '}'`);
  const item = text
    .slice(1, -1)
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  return { type: "SET", set: { item } };
}

function writeRole({ reservations }: Resource): string {
  const role = reservations?.[0]?.role;
  return role === undefined ? "" : `(${role})`;
}

function writeValue({ type, scalar, ranges, set, text }: Value): string {
  if (type === "SCALAR") return printScalar(scalar?.value ?? 0);
  if (type === "RANGES")
    return `[${normaliseRanges(ranges?.range ?? [])
      .map(({ begin, end }) => `${begin}-${end}`)
      .join(",")}]`;
  if (type === "SET") return `{${(set?.item ?? []).join(",")}}`;
  return text?.value ?? "";
}
