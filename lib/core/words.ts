/** `1 agent`, `3 agents`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

export type ScalarName = "cpus" | "mem" | "disk" | "gpus";

/** An amount as people say it: `0.5 cpus`, `4 GiB of memory`. mem and disk come in MiB. */
export function amountText(name: ScalarName, value: number): string {
  switch (name) {
    case "cpus":
      return `${short(value)} ${value === 1 ? "cpu" : "cpus"}`;
    case "mem":
      return `${size(value)} of memory`;
    case "disk":
      return `${size(value)} of disk`;
    case "gpus":
      return `${short(value)} ${value === 1 ? "gpu" : "gpus"}`;
  }
}

/** Whole seconds below two minutes, then minutes, then hours. */
export function spanText(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 120) return counted(seconds, "second");
  return seconds < 7200 ? `${Math.round(seconds / 60)} minutes` : `${Math.round(seconds / 3600)} hours`;
}

/** `a`, `a and b`, `a, b and c`. */
export function joined(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

// Rounded down where it matters: who asks for what is said here must get it.
function size(mebibytes: number): string {
  return mebibytes < 1024 ? `${short(mebibytes)} MiB` : `${Math.floor((mebibytes / 1024) * 10) / 10} GiB`;
}

function short(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
