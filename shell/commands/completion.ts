import { Failure } from "../core/failure.ts";
import { type Invocation, word } from "../invocation.ts";

/** The scripts know nothing themselves: they ask `meseta complete` what may come next. */
export async function run(invocation: Invocation): Promise<number> {
  const shell = word(invocation, "shell");
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
  if (!script)
    throw new Failure("usage", {
      message: `there is no script for ${shell}`,
      why: "there is one for bash, zsh and fish",
    });
  invocation.terminal.out(script);
  return 0;
}

const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `_meseta() {
  local IFS=$'\\n'
  COMPREPLY=( $(meseta complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null) )
}
complete -o default -F _meseta meseta
`,
  zsh: `#compdef meseta
_meseta() {
  local -a found
  found=("\${(@f)$(meseta complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -a found
}
compdef _meseta meseta
`,
  fish: `complete -c meseta -f -a '(meseta complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
};
