import { type Answer, textAnswer } from "./http/answer.ts";

/** Where every part says whether it is well. */
export const HEALTH = "/health";

/**
 * 200 while the process answers, as with Mesos, also when its store fails: whoever watches it must not end a process that goes on running everything, is read from, and stores again by
 * itself. What does not work stands in the body.
 */
export function healthAnswer(storeFailure: Error | undefined): Answer {
  const text = healthText(storeFailure);
  return text === undefined ? { status: 200 } : textAnswer(200, text);
}

/** Undefined when all is well. */
export function healthText(storeFailure: Error | undefined): string | undefined {
  return storeFailure && `Nothing can be stored now: ${storeFailure.message}`;
}
