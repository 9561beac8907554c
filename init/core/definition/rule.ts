import { type Problem, ruleProblem } from "@meseta/api/json-body/outcome.ts";
import type { Settings } from "./settings.ts";

/** A rule over several fields of one thing: what is wrong with it, if anything. Tables of these are what a definition is checked by. */
export type Rule<T> = (subject: T, settings: Settings) => readonly Problem[];

/** A rule with one path and one text. The path of the whole thing is the empty text. */
export function must<T>(path: string, error: string, isKept: (subject: T, settings: Settings) => boolean): Rule<T> {
  return (subject, settings) => (isKept(subject, settings) ? [] : [ruleProblem(path, error)]);
}

/** A rule for each member of a list: `/fetch(2)/uri`. */
export function each<T, M>(path: string, membersOf: (subject: T) => readonly M[] | undefined, rule: Rule<M>): Rule<T> {
  return (subject, settings) =>
    (membersOf(subject) ?? []).flatMap((member, index) => below(`${path}(${index})`, rule(member, settings)));
}

/** A rule for a part of it that may be missing. */
export function within<T, M>(path: string, partOf: (subject: T) => M | undefined, rule: Rule<M>): Rule<T> {
  return (subject, settings) => {
    const part = partOf(subject);
    return part === undefined ? [] : below(path, rule(part, settings));
  };
}

export function all<T>(rules: readonly Rule<T>[]): Rule<T> {
  return (subject, settings) => rules.flatMap((rule) => rule(subject, settings));
}

/** The same problems, in a part that stands at this path. */
export function below(path: string, problems: readonly Problem[]): readonly Problem[] {
  return path === "" ? problems : problems.map((problem) => ({ ...problem, path: join(path, problem.path) }));
}

export function isUnique(list: readonly unknown[]): boolean {
  return new Set(list).size === list.length;
}

/** A number as Marathon's texts show one: `0.0`. */
export function asDouble(number: number): string {
  return Number.isInteger(number) ? `${number}.0` : `${number}`;
}

function join(path: string, rest: string): string {
  return rest === "/" ? path : path + rest;
}
