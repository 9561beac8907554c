import { type Field, type Message, messageOf } from "./schema.ts";

/** A compiled function of one message, and the way in which generated code calls it. */
export type Cell<F> = { run: F };

/**
 * Compiles one function per message when it is first called: a process that only ever reads calls never pays for the
 * other three hundred messages, and messages that hold themselves (ContainerID) need no special case.
 */
export class Compiler<F extends (...args: never[]) => unknown> {
  readonly #cells = new Map<string, Cell<F>>();
  readonly #write: (message: Message, code: Code) => string;
  readonly #parameters: string[];

  /** `write` returns the body of the function of a message, with the parameters of these names. */
  constructor(parameters: string[], write: (message: Message, code: Code) => string) {
    this.#parameters = parameters;
    this.#write = write;
  }

  of(name: string): Cell<F> {
    let cell = this.#cells.get(name);
    if (cell === undefined) {
      cell = this.#lazy(name);
      this.#cells.set(name, cell);
    }
    return cell;
  }

  #lazy(name: string): Cell<F> {
    const message = messageOf(name);
    const cell = {} as Cell<F>;
    cell.run = ((...args: never[]) => {
      cell.run = this.#compile(message);
      return cell.run(...args);
    }) as F;
    return cell;
  }

  #compile(message: Message): F {
    const code = new Code((name) => this.of(name));
    const body = this.#write(message, code);
    const maker = new Function(
      ...code.names,
      `"use strict"; return (${this.#parameters.join(", ")}) => {\n${body}\n};`,
    );
    return maker(...code.values) as F;
  }
}

/** The constants that generated code refers to by name. */
export class Code {
  readonly names: string[] = [];
  readonly values: unknown[] = [];
  readonly #cellOf: (name: string) => unknown;

  constructor(cellOf: (name: string) => unknown) {
    this.#cellOf = cellOf;
  }

  /** The name under which generated code finds `value`. */
  constant(value: unknown): string {
    const known = this.values.indexOf(value);
    if (known >= 0) return this.names[known]!;
    this.values.push(value);
    return this.names[this.names.push(`k${this.names.length}`) - 1]!;
  }

  /** An expression that calls the function of another message. */
  call(message: string, ...args: string[]): string {
    return `${this.cell(message)}.run(${args.join(", ")})`;
  }

  /** The name of the function of another message. */
  cell(message: string): string {
    return this.constant(this.#cellOf(message));
  }
}

/** What generated decoders end with: an object whose fields stand in the order of declaration, absent ones left out. */
export function buildObject(message: Message, code: Code): string[] {
  const optional = optionalFields(message);
  if (optional.length > bitsOfMask) return [...exactArrays(message), ...assignments(message), "return m;"];
  const present = optional.map((i, bit) => `(f${i} === undefined ? 0 : ${1 << bit})`).join(" | ") || "0";
  const shapes = code.constant(new Shapes(message));
  const fields = message.fields.map((_, i) => `f${i}`).join(", ");
  return [
    ...exactArrays(message),
    `const p = ${present};`,
    `return (${shapes}.makers.get(p) ?? ${shapes}.learn(p))(${fields});`,
  ];
}

const bitsOfMask = 30;
/** Of one message; a peer that thinks up ever new ones is served all the same, in the slower way. */
const mostShapes = 64;
/** To make a function takes as long as to read fifty messages: it is made for what comes again. */
const oftenEnough = 4;

type Maker = (...fields: unknown[]) => object;

/**
 * Objects of a message, each set of present fields made by a function of its own, in one literal: such an object takes no more memory than its fields
 * need. Adding one field after the other takes twice as much, and is slower.
 */
class Shapes {
  readonly makers = new Map<number, Maker>();
  readonly #message: Message;
  readonly #anyShape: Maker;
  /** How often those came that have no function of their own yet. */
  readonly #seen = new Map<number, number>();

  constructor(message: Message) {
    this.#message = message;
    this.#anyShape = makerOf(message, [...assignments(message), "return m;"]);
  }

  learn(present: number): Maker {
    if (this.makers.size >= mostShapes || !this.#isSeenOften(present)) return this.#anyShape;
    const optional = optionalFields(this.#message);
    const absent = new Set(optional.filter((_, bit) => (present & (1 << bit)) === 0));
    const fields = this.#message.fields.flatMap((field, i) =>
      absent.has(i) ? [] : [`${field.name}: ${writeValue(field, i)}`],
    );
    const maker = makerOf(this.#message, [`return {${fields.join(", ")}};`]);
    this.makers.set(present, maker);
    return maker;
  }

  #isSeenOften(present: number): boolean {
    const times = (this.#seen.get(present) ?? 0) + 1;
    if (this.#seen.size >= mostShapes) this.#seen.clear();
    this.#seen.set(present, times);
    return times >= oftenEnough;
  }
}

function makerOf({ fields }: Message, body: string[]): Maker {
  return new Function(...fields.map((_, i) => `f${i}`), `"use strict"; ${body.join("\n")}`) as Maker;
}

function optionalFields({ fields }: Message): number[] {
  return fields.flatMap(({ label, preset }, i) => (label === "required" || preset !== undefined ? [] : [i]));
}

function assignments({ fields }: Message): string[] {
  const lines = fields.map((field, i) => {
    const assign = `m.${field.name} = ${writeValue(field, i)};`;
    return field.label === "required" || field.preset !== undefined ? assign : `if (f${i} !== undefined) ${assign}`;
  });
  return ["const m = {};", ...lines];
}

function writeValue({ preset }: Field, i: number): string {
  return preset === undefined ? `f${i}` : `f${i} === undefined ? ${JSON.stringify(preset)} : f${i}`;
}

/** An array that grew has room for more, which it will not need. */
function exactArrays({ fields }: Message): string[] {
  return fields.flatMap(({ label, kind }, i) =>
    label === "repeated" && kind !== "map"
      ? [`if (f${i} !== undefined && f${i}.length > 1) f${i} = f${i}.slice();`]
      : [],
  );
}

/** The variables of the fields, one each, in the order of declaration. */
export function declareFields(message: Message): string {
  return message.fields.length === 0 ? "" : `let ${message.fields.map((_, i) => `f${i}`).join(", ")};`;
}

/** A condition that holds when a required field is absent, or "" when the message has none. */
export function absentRequired(message: Message): string {
  return message.fields.flatMap(({ label }, i) => (label === "required" ? [`f${i} === undefined`] : [])).join(" || ");
}
