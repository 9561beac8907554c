import type { LaunchFailure } from "@meseta/kernel/core/agent/ports.ts";

/** Whose fault a runtime's complaint is, as far as its words tell, and those words. */
export function blameOf(message: string): [LaunchFailure, string] {
  if (
    /executable file|open executable|exec(?:ve)?[: ].*(?:no such file|permission denied|exec format)|no such file.*\$PATH/i.test(
      message,
    )
  )
    return ["command", message];
  if (/chdir|cwd|working directory/i.test(message)) return ["directory", message];
  return ["runtime", message];
}
