import { type Outcome, refuse } from "@meseta/api/json-body/outcome.ts";
import type { Labels } from "@meseta/api/marathon/strategy.ts";

/** One term of a label selector. All but the first also need the label to be there, `!=` and `notin` too. */
export interface Requirement {
  readonly label: string;
  readonly operator: "exists" | "in" | "notin";
  readonly values: ReadonlySet<string>;
}

/** All of them must hold. */
export type Selector = readonly Requirement[];

/** `a`, `a==b`, `a!=b`, `a in (x, y)`, `a notin (x, y)`, joined by commas. Other characters than letters, digits and `-_.` stand behind a backslash. */
export function parseSelector(text: string): Outcome<Selector> {
  const terms: Requirement[] = [];
  const tokens = tokensOf(text);
  if (tokens === undefined) return bad(text, "a backslash at the end escapes nothing");
  if (tokens.length === 0) return bad(text, "a label is expected");
  for (let at = 0; at < tokens.length; at++) {
    const term = readTerm(tokens, at);
    if (typeof term === "string") return bad(text, term);
    terms.push(term.requirement);
    at = term.next;
    if (at < tokens.length && tokens[at]!.sign !== ",")
      return bad(text, `',' is expected before '${shown(tokens[at])}'`);
    if (at === tokens.length - 1) return bad(text, "a label is expected after the last ','");
  }
  return { value: terms };
}

export function matches(labels: Labels, selector: Selector): boolean {
  return selector.every(({ label, operator, values }) => {
    const value = Object.hasOwn(labels, label) ? labels[label] : undefined;
    if (value === undefined) return false;
    return operator === "exists" || values.has(value) === (operator === "in");
  });
}

/** A word, or a sign: `==` `!=` `(` `)` `,` or one that belongs nowhere. */
interface Token {
  readonly word?: string;
  readonly sign?: string;
  /** Without escapes: only such a word can be `in` or `notin`. */
  readonly isPlain?: boolean;
}

const TOKEN = /\s+|((?:[-A-Za-z0-9_.]|\\.)+)|(==|!=|.)/gs;

function tokensOf(text: string): Token[] | undefined {
  const tokens = [...text.matchAll(TOKEN)].flatMap(([, word, sign]): Token[] => {
    if (word !== undefined) return [{ word: word.replace(/\\(.)/gs, "$1"), isPlain: !word.includes("\\") }];
    return sign === undefined ? [] : [{ sign }];
  });
  return tokens.at(-1)?.sign === "\\" ? undefined : tokens;
}

type Term = { readonly requirement: Requirement; readonly next: number };

function readTerm(tokens: readonly Token[], at: number): Term | string {
  const label = tokens[at]?.word;
  if (label === undefined) return `a label is expected before '${shown(tokens[at])}'`;
  const { sign, word, isPlain } = tokens[at + 1] ?? {};
  if (sign === "==" || sign === "!=") return readValue(tokens, at, label, sign === "==" ? "in" : "notin");
  if (isPlain && (word === "in" || word === "notin")) return readSet(tokens, at, label, word);
  return { requirement: { label, operator: "exists", values: new Set() }, next: at + 1 };
}

function readValue(tokens: readonly Token[], at: number, label: string, operator: "in" | "notin"): Term | string {
  const value = tokens[at + 2]?.word;
  if (value === undefined) return `a value is expected after '${label}${tokens[at + 1]!.sign}'`;
  return { requirement: { label, operator, values: new Set([value]) }, next: at + 3 };
}

function readSet(tokens: readonly Token[], at: number, label: string, operator: "in" | "notin"): Term | string {
  if (tokens[at + 2]?.sign !== "(") return `'(' is expected after '${label} ${operator}'`;
  const values = new Set<string>();
  for (let i = at + 3; ; i += 2) {
    const value = tokens[i]?.word;
    if (value === undefined) return `a value is expected in the set of '${label}'`;
    values.add(value);
    if (tokens[i + 1]?.sign === ")") return { requirement: { label, operator, values }, next: i + 2 };
    if (tokens[i + 1]?.sign !== ",") return `',' or ')' is expected in the set of '${label}'`;
  }
}

function shown(token: Token | undefined): string {
  return token?.word ?? token?.sign ?? "the end";
}

function bad(text: string, why: string): Outcome<Selector> {
  return refuse(422, `Can not parse label selector '${text}': ${why}`);
}
