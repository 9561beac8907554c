// Reads the words after a command's name by commander, and prints help by it. One command is built at a time.

import { nearest } from "@meseta/lib/core/nearest.ts";
import { Command, CommanderError, Option } from "commander";
import { Failure } from "./core/failure.ts";
import { allFlags, type Flag, flagName, masterFlag, outputFlags, type Row } from "./core/row.ts";
import type { Given } from "./flags.ts";

export type Parsed =
  | { readonly args: Readonly<Record<string, string | readonly string[] | undefined>>; readonly given: Given }
  | { readonly help: string };

/** The arguments and flags of a command line, or its help when that was asked for. Throws a Failure for wrong usage. */
export function parse(row: Row, words: readonly string[], width = 80): Parsed {
  const command = build(row, width);
  try {
    command.parse(words as string[], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed") return { help: helpText(row, width) };
    throw usageFailure(row, error);
  }
  return { args: argumentsOf(row, command.args), given: givenOf(row, command.opts()) };
}

/** The help of one command. */
export function helpText(row: Row, width = 80): string {
  return build(row, width).helpInformation() + examples(row);
}

function build(row: Row, width: number): Command {
  const command = new Command(`meseta ${row.path}`)
    .description(row.more ? `${row.about}.\n\n${row.more}` : `${row.about}.`)
    .usage(usage(row))
    .helpOption("-h, --help", "show this help")
    .exitOverride()
    .configureOutput({ writeOut: () => {}, writeErr: () => {}, getOutHelpWidth: () => width })
    .configureHelp({ helpWidth: width });
  if (row.passThrough) command.passThroughOptions();
  for (const { name, about, optional, many } of row.args ?? []) {
    const dots = many ? "..." : "";
    command.argument(optional ? `[${name}${dots}]` : `<${name}${dots}>`, about);
  }
  for (const flag of allFlags(row)) command.addOption(option(flag));
  return command;
}

function usage(row: Row): string {
  const args = (row.args ?? []).map(({ name, optional, many }) => {
    const dots = many ? "..." : "";
    return optional ? ` [${name}${dots}]` : ` <${name}${dots}>`;
  });
  return row.passThrough ? `[flags]${args.join("")}` : `${args.join("").trimStart()} [flags]`.trimStart();
}

function option(flag: Flag): Option {
  const preset = flag.default === undefined ? "" : ` (default: ${flag.default})`;
  const made = new Option(flag.flag, flag.about + preset);
  if (flag.repeat) made.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value]);
  if (outputFlags.includes(flag)) return made.helpGroup("Output:");
  return made.helpGroup(flag === masterFlag ? "Cluster:" : "Flags:");
}

function examples(row: Row): string {
  const lines = row.examples.map(({ line, does }) => `  ${line}\n      ${does}\n`);
  return `\nExamples:\n${lines.join("")}`;
}

function argumentsOf(
  row: Row,
  words: readonly string[],
): Readonly<Record<string, string | readonly string[] | undefined>> {
  return Object.fromEntries(
    (row.args ?? []).map(({ name, many }, index) => [name, many ? afterDashes(words.slice(index)) : words[index]]),
  );
}

// `exec TASK -- ls -l`: behind the first argument commander takes the dashes for a word of the command.
function afterDashes(words: readonly string[]): readonly string[] {
  return words[0] === "--" ? words.slice(1) : words;
}

// Commander's own names for flags are in camel case, and a `--no-x` that was not given is `x: true`.
function givenOf(row: Row, options: Readonly<Record<string, unknown>>): Given {
  const given: Record<string, string | boolean | string[]> = {};
  for (const flag of allFlags(row)) {
    const key = flagName(flag).replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const value = options[key];
    const untouched = flag.flag.includes("--no-") && value === true;
    if (value !== undefined && !untouched) given[flagName(flag)] = value as string | boolean | string[];
  }
  return given;
}

function usageFailure(row: Row, error: CommanderError): Failure {
  const message = error.message.replace(/^error: /, "").split("\n")[0]!;
  const help = `meseta ${row.path} --help`;
  const unknown = /unknown option '(-[^']*)'/.exec(message)?.[1];
  if (!unknown) return new Failure("usage", { message, why: `usage: meseta ${row.path} ${usage(row)}`, help });
  const flags = allFlags(row).map((flag) => `--${flag.flag.includes("--no-") ? "no-" : ""}${flagName(flag)}`);
  const meant = nearest(unknown, flags);
  const why = meant ? `did you mean ${meant}?` : `meseta ${row.path} knows ${flags.join(", ") || "no flags"}`;
  return new Failure("usage", { message: `there is no flag ${unknown} here`, why, help });
}
