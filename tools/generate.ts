import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

/**
 * Writes `api/mesos/generated/` from `api/mesos/wire.tsv`, the one source of what travels on the wire.
 * `npm run generate` runs it; `test/wire/generated.test.ts` says when it was forgotten.
 */
export function generate(table: string): Map<string, string> {
  const definitions = readDefinitions(table);
  const files = new Map<string, string>();
  for (const [pkg, own] of groupByPackage(definitions)) files.set(moduleOf(pkg) + ".ts", typesFile(pkg, own));
  files.set("wire-types.ts", wireTypesFile(definitions));
  files.set("descriptor.ts", descriptorFile(definitions));
  return files;
}

type Field = {
  name: string;
  number: string;
  label: "required" | "optional" | "repeated";
  oneof: string;
  type: string;
  default: string;
  deprecated: string;
};
type Definition = {
  pkg: string;
  /** Name inside the package, with dots: "Offer.Operation". */
  name: string;
  kind: "message" | "enum";
  fields: Field[];
  values: { name: string; number: string }[];
};

const header =
  "// Written by tools/generate.ts from api/mesos/wire.tsv. Change the table, then run `npm run generate`.\n";

function readDefinitions(table: string): Definition[] {
  const definitions = new Map<string, Definition>();
  for (const line of table.split("\n").slice(1)) {
    if (line === "") continue;
    const [
      kind = "",
      pkg = "",
      owner = "",
      name = "",
      number = "",
      label = "",
      type = "",
      preset = "",
      deprecated = "",
    ] = line.split("\t");
    const definition = definitionOf(definitions, pkg, owner, kind === "value" ? "enum" : "message");
    if (kind === "value") definition.values.push({ name, number });
    if (kind === "field")
      definition.fields.push({ name, number, ...readLabel(label), type, default: preset, deprecated });
  }
  return [...definitions.values()];
}

function definitionOf(all: Map<string, Definition>, pkg: string, name: string, kind: Definition["kind"]): Definition {
  const key = `${pkg}.${name}`;
  let definition = all.get(key);
  if (definition === undefined) {
    definition = { pkg, name, kind, fields: [], values: [] };
    all.set(key, definition);
  }
  if (definition.kind !== kind) throw new Error(`wire.tsv: ${key} is both a message and an enum`);
  return definition;
}

function readLabel(label: string): Pick<Field, "label" | "oneof"> {
  const [kind, oneof = ""] = label.split(" oneof:");
  if (kind !== "required" && kind !== "optional" && kind !== "repeated") throw new Error(`wire.tsv: label "${label}"`);
  return { label: kind, oneof };
}

function groupByPackage(definitions: Definition[]): Map<string, Definition[]> {
  return Map.groupBy(definitions, (definition) => definition.pkg);
}

/** "mesos.v1" -> "mesos", "mesos.v1.scheduler" -> "scheduler", "meseta.link" -> "link". */
function moduleOf(pkg: string): string {
  return pkg === "mesos.v1" ? "mesos" : pkg.slice(pkg.lastIndexOf(".") + 1);
}

function typesFile(pkg: string, definitions: Definition[]): string {
  refuseCollisions(definitions);
  const imports = new Set<string>();
  const body = definitions.map((definition) =>
    definition.kind === "enum" ? enumType(definition) : messageType(definition, imports),
  );
  const lines = [...imports].sort().map((name) => `import type * as ${name} from "./${name}.ts";\n`);
  return [header, `// Package ${pkg}.\n`, ...lines, "\n", body.join("\n")].join("");
}

function refuseCollisions(definitions: Definition[]): void {
  const seen = new Map<string, string>();
  for (const { pkg, name } of definitions) {
    const other = seen.get(flat(name));
    if (other !== undefined)
      throw new Error(`wire.tsv: ${pkg}.${name} and ${pkg}.${other} get the same TypeScript name`);
    seen.set(flat(name), name);
  }
}

function flat(name: string): string {
  return name.replaceAll(".", "");
}

function enumType({ name, values }: Definition): string {
  return `export type ${flat(name)} =\n${values.map((value) => `  | "${value.name}"`).join("\n")};\n`;
}

function messageType({ pkg, name, fields }: Definition, imports: Set<string>): string {
  if (fields.length === 0) return `export type ${flat(name)} = Record<string, never>;\n`;
  const lines = fields.map((field) => fieldLine(field, typeOf(field.type, pkg, imports)));
  return `export interface ${flat(name)} {\n${lines.join("\n")}\n}\n`;
}

function fieldLine(field: Field, type: string): string {
  return `${fieldComment(field)}  ${field.name}${fieldSuffix(field, type)};`;
}

function fieldSuffix({ label, type: wireType }: Field, type: string): string {
  if (wireType.startsWith("map<")) return `?: ${type} | undefined`;
  if (label === "required") return `: ${type}`;
  return label === "repeated" ? `?: ${type}[] | undefined` : `?: ${type} | undefined`;
}

function fieldComment(field: Field): string {
  const words: string[] = [];
  if (field.type === "bytes") words.push("Base64.");
  if (field.default !== "") words.push(`Default: ${field.default}.`);
  if (field.oneof !== "") words.push(`One of: ${field.oneof}.`);
  if (field.deprecated !== "") words.push("@deprecated");
  return words.length === 0 ? "" : `  /** ${words.join(" ")} */\n`;
}

const scalars: Record<string, string> = {
  string: "string",
  bytes: "string",
  bool: "boolean",
  double: "number",
  float: "number",
  int32: "number",
  int64: "number",
  uint32: "number",
  uint64: "number",
  "google.protobuf.Duration": "{ seconds?: number | undefined; nanos?: number | undefined }",
};

function typeOf(wireType: string, pkg: string, imports: Set<string>): string {
  const map = /^map<string,(.*)>$/.exec(wireType);
  if (map?.[1] !== undefined) return `Record<string, ${typeOf(map[1], pkg, imports)}>`;
  return scalars[wireType] ?? reference(wireType.replace(/^enum /, ""), pkg, imports);
}

/** A type of the same package by its name, one of another package through an import of that package's module. */
function reference(fullName: string, pkg: string, imports: Set<string>): string {
  const owner = packageOf(fullName);
  const name = flat(fullName.slice(owner.length + 1));
  if (owner === pkg) return name;
  imports.add(moduleOf(owner));
  return `${moduleOf(owner)}.${name}`;
}

/** Package names are the leading lower-case words. */
function packageOf(fullName: string): string {
  const words = fullName.split(".");
  return words
    .slice(
      0,
      words.findIndex((word) => /^[A-Z]/.test(word)),
    )
    .join(".");
}

function wireTypesFile(definitions: Definition[]): string {
  const messages = definitions.filter((definition) => definition.kind === "message");
  const modules = [...new Set(messages.map((message) => moduleOf(message.pkg)))].sort();
  return [
    header,
    ...modules.map((name) => `import type * as ${name} from "./${name}.ts";\n`),
    "\n/** Every message by its full name on the wire. */\nexport interface WireTypes {\n",
    ...messages.map(({ pkg, name }) => `  "${pkg}.${name}": ${moduleOf(pkg)}.${flat(name)};\n`),
    "}\n\nexport type WireType = keyof WireTypes;\n",
  ].join("");
}

/**
 * One line a message or enum, so that a reader splits lines at start and parses a line when its message is first used:
 * `message <full name> <name>:<number><label><type>[=<default>][@<oneof>][~]` with label `!` required, `?` optional,
 * `*` repeated, and `~` for the proto option `deprecated`; `enum <full name> <name>=<number>`.
 */
function descriptorFile(definitions: Definition[]): string {
  const lines = definitions.map((definition) =>
    [
      definition.kind,
      `${definition.pkg}.${definition.name}`,
      ...definition.fields.map(fieldWord),
      ...definition.values.map(valueWord),
    ].join(" "),
  );
  const comment = "/** One line a message or enum; `api/mesos/codec/schema.ts` reads it. */\n";
  return `${header}\n${comment}export const descriptor = \`\n${lines.join("\n")}\n\`;\n`;
}

function fieldWord(field: Field): string {
  const mark = { required: "!", optional: "?", repeated: "*" }[field.label];
  const preset = field.default === "" ? "" : `=${field.default}`;
  const oneof = field.oneof === "" ? "" : `@${field.oneof}`;
  // A remark in a comment does not change what Mesos writes; only the proto option does.
  const deprecated = field.deprecated === "option" ? "~" : "";
  return `${field.name}:${field.number}${mark}${field.type.replace("enum ", "enum/")}${preset}${oneof}${deprecated}`;
}

function valueWord(value: { name: string; number: string }): string {
  return `${value.name}=${value.number}`;
}

if (import.meta.main) {
  const root = new URL("../api/mesos/", import.meta.url);
  const files = generate(readFileSync(new URL("wire.tsv", root), "utf8"));
  mkdirSync(new URL("generated/", root), { recursive: true });
  for (const [name, text] of files) writeFileSync(new URL("generated/" + name, root), text);
}
