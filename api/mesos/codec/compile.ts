import { type Message, messageOf } from "./schema.ts";

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
    return `${this.constant(this.#cellOf(message))}.run(${args.join(", ")})`;
  }
}

/** What generated decoders end with: an object whose fields stand in the order of declaration, absent ones left out. */
export function buildObject(message: Message): string[] {
  const literal = message.fields.flatMap(({ name, label }, i) => (label === "required" ? [`${name}: f${i}`] : []));
  const lines = [`const m = {${literal.join(", ")}};`];
  message.fields.forEach(({ name, label, preset }, i) => {
    if (label === "required") return;
    if (preset !== undefined) lines.push(`m.${name} = f${i} === undefined ? ${JSON.stringify(preset)} : f${i};`);
    else lines.push(`if (f${i} !== undefined) m.${name} = f${i};`);
  });
  return [...lines, "return m;"];
}

/** The variables of the fields, one each, in the order of declaration. */
export function declareFields(message: Message): string {
  return message.fields.length === 0 ? "" : `let ${message.fields.map((_, i) => `f${i}`).join(", ")};`;
}

/** A condition that holds when a required field is absent, or "" when the message has none. */
export function absentRequired(message: Message): string {
  return message.fields.flatMap(({ label }, i) => (label === "required" ? [`f${i} === undefined`] : [])).join(" || ");
}
