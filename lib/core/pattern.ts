import { RE2JS } from "re2js";
import { LOOP_BOUNDS } from "./bounds.ts";

/** Whether the whole text matches. Patterns come from users, so they run on an engine whose time is linear in the text. One that cannot be read matches nothing. */
export function matches(pattern: string, text: string): boolean {
  let known = patterns.get(pattern);
  if (known === undefined) {
    if (patterns.size >= MAX_PATTERNS) patterns.clear();
    patterns.set(pattern, (known = { compiled: compile(pattern), answers: new Map() }));
  }
  return answer(known, text);
}

/** What is wrong with the pattern, or undefined. One that would take long for each text is refused as well. */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.length > MOST_CHARACTERS) return `it has more than ${MOST_CHARACTERS} characters`;
  try {
    return RE2JS.compile(pattern).programSize() > MOST_STEPS ? "it repeats too much" : undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const MOST_CHARACTERS = LOOP_BOUNDS.patternCharacters.most;
/** Each character of a text is held against all of them. */
const MOST_STEPS = LOOP_BOUNDS.patternSteps.most;

interface Known {
  compiled: RE2JS | undefined;
  answers: Map<string, boolean>;
}

// A cluster has few different values, and each is asked about again with every offer. The bounds keep what users write from filling the memory.
const patterns = new Map<string, Known>();
const MAX_PATTERNS = LOOP_BOUNDS.patterns.most;
const MAX_ANSWERS = 10_000;

function answer({ compiled, answers }: Known, text: string): boolean {
  let answer = answers.get(text);
  if (answer === undefined) {
    if (answers.size >= MAX_ANSWERS) answers.clear();
    answers.set(text, (answer = compiled?.matches(text) ?? false));
  }
  return answer;
}

function compile(pattern: string): RE2JS | undefined {
  try {
    return RE2JS.compile(pattern);
  } catch {
    return undefined;
  }
}
