import { constants } from "node:os";

const PASSED = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/** Passes signals that this process gets on to what it stands for; one that comes again is a SIGKILL there. */
export function passSignals(send: (signal: number) => Promise<void>): Disposable {
  const seen = new Set<NodeJS.Signals>();
  const pass = (name: NodeJS.Signals): void => {
    const number = seen.has(name) ? constants.signals.SIGKILL : constants.signals[name];
    seen.add(name);
    send(number).catch(() => {}); // It has ended meanwhile, or cannot be reached: both are told elsewhere.
  };
  for (const name of PASSED) process.on(name, pass);
  return {
    [Symbol.dispose]() {
      for (const name of PASSED) process.off(name, pass);
    },
  };
}
