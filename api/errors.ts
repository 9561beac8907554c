// The registry of everything that can go wrong in front of a user. The shell prints these lines, the daemons serve the
// pages at /docs/errors/CODE, and docs/reference/errors.md is made from this table; a test keeps that page equal.
// `{name}` in a text stands for the value of that name, given when the error happens.

/** What a user reads: what happened, why, and commands that help, in the order in which they are worth trying. */
export interface Problem {
  readonly code: ErrorCode;
  readonly message: string;
  readonly why: string;
  readonly try: readonly string[];
  /** The process' exit code: 1 failed, 2 usage, 4 not found, 5 not allowed, 6 conflict, 7 timed out, 8 cluster unreachable. */
  readonly exit: number;
}

interface Entry {
  readonly exit: number;
  readonly message: string;
  readonly why: string;
  readonly try: readonly string[];
  /** A few sentences for the page: when it happens and what is behind it. */
  readonly page: string;
}

const registry = {
  "cluster-unreachable": {
    exit: 8,
    message: "cannot reach a master of the cluster",
    why: "{why}",
    try: ["meseta up", "meseta status --master http://HOST:5050", "meseta config explain"],
    page: "None of the masters in `--master` (or MESETA_MASTER, or the configuration file) answered. Either no cluster runs at these addresses, or a network or firewall is in between, or the process stands still: it takes connections then and says nothing. Of several masters name all (`--master URL,URL,URL`; `MESETA_DIR` names those of the `meseta up` in that folder): while one stands still the others are asked after 3 s. `meseta config explain` shows where the addresses came from.",
  },
  "agent-unreachable": {
    exit: 8,
    message: "cannot reach the agent at {url}",
    why: "{why}",
    try: ["meseta health", "meseta node list"],
    page: "The master knows this agent, but it does not answer at the address that it told: it has stopped, it is starting again, or a firewall is in between. Its tasks may run on.",
  },
  "init-unreachable": {
    exit: 8,
    message: "cannot reach an init of the cluster",
    why: "{why}",
    try: ["meseta up", "meseta app list --init http://HOST:8080", "meseta config explain"],
    page: "None of the addresses in `--init` (or MESETA_INIT, or the configuration file) answered. Either no init runs there, or a network or firewall is in between. Services that it started run on without it.",
  },
  "cron-unreachable": {
    exit: 8,
    message: "cannot reach a cron of the cluster",
    why: "{why}",
    try: ["meseta up", "meseta job list --cron http://HOST:9000", "meseta config explain"],
    page: "None of the addresses in `--cron` (or MESETA_CRON, or the configuration file) answered. Either no cron runs there, or a network or firewall is in between. Runs that it started go on without it; what falls due meanwhile is made up for as each job says.",
  },
  "job-exists": {
    exit: 6,
    message: "there is a job {job} already",
    why: "{why}",
    try: ["meseta job add {file} --replace", "meseta job show {job}"],
    page: "`meseta job add` never changes a job that exists, unless it is told to: `--replace` gives it the new definition. Its history stays, and runs that are under way go on.",
  },
  "run-failed": {
    exit: 1,
    message: "run {run} of {job} failed",
    why: "{why}",
    try: ["meseta job log {job} {run} --file stderr", "meseta job history {job}"],
    page: "The last attempt of the run ended with a failure, or somebody stopped it. Its sandbox is kept on the machine where it ran until its space is needed.",
  },
  "no-leader": {
    exit: 8,
    message: "the cluster has no leading {part} at this moment",
    why: "{why}",
    try: ["meseta status", "meseta health"],
    page: "A master, an init or a cron answered, but it neither leads nor knows who does, or it is still reading its records after a start. That lasts seconds; if it stays, look at their logs, and at the etcd that they share.",
  },
  "not-allowed": {
    exit: 5,
    message: "the cluster refuses to {what}",
    why: "{why}",
    try: ["meseta config explain"],
    page: "The master or agent answered 401 or 403: whoever asked has no permission for this.",
  },
  "call-refused": {
    exit: 1,
    message: "the cluster refuses to {what}",
    why: "{why}",
    try: ["meseta {command} --help"],
    page: "The call reached the master or agent and was refused as invalid (400). Its own words are under `why`.",
  },
  "call-failed": {
    exit: 1,
    message: "the cluster failed to {what}",
    why: "{why}",
    try: ["meseta status", "meseta health"],
    page: "The master or agent answered with a server error (5xx). Nothing is known to have changed; its log says more.",
  },
  "cannot-store": {
    exit: 1,
    message: "{part} cannot store anything now",
    why: "{why}",
    try: ["meseta health -w"],
    page: "A commit failed: its disk is full or fails, or its etcd is full. Everything that runs goes on and reads are answered; each change is refused with 503, and nothing of it is done. Once a second it is tried whether the store works again, so nothing has to be restarted: make room, or mend the store. docs/operate/disk-full.md and docs/operate/stores.md have what the reasons mean. GET /health of the part says the same, and its metric `meseta/store_works`, or `store.works.gauge` of init and cron, is 0.",
  },
  conflict: {
    exit: 6,
    message: "cannot {what} now",
    why: "{why}",
    try: ["meseta node show NODE", "meseta operation list"],
    page: "Something else holds what this needs (409): resources are in use, or another change of the same agent is under way. Try again when that has ended.",
  },
  locked: {
    exit: 6,
    message: "cannot {what} now",
    why: "{why}",
    try: ["meseta deployment watch", "meseta deployment list"],
    page: "A deployment that acts on the same app or pod is still under way. Wait for it, or begin with `--force`: that ends the other one where it is.",
  },
  "deployment-failed": {
    exit: 1,
    message: "the deployment of {what} did not succeed",
    why: "{why}",
    try: ["meseta app explain APP", "meseta deployment list"],
    page: "The deployment was cancelled, or replaced by another one, before all of its steps were done. What it had done stays.",
  },
  "not-found": {
    exit: 4,
    message: "there is no {kind} {name}",
    why: "{why}",
    try: ["meseta {kind} list"],
    page: "No object's id, name or unique beginning matches the word given.",
  },
  "job-in-use": {
    exit: 6,
    message: "cannot remove job {job} now",
    why: "{why}",
    try: ["meseta job rm {job} --stop", "meseta job graph"],
    page: "Runs of the job are under way, which `--stop` ends with it, or other jobs follow it: they would never run again. Change those first, or remove them.",
  },
  "no-run": {
    exit: 4,
    message: "job {job} has no {run}",
    why: "{why}",
    try: ["meseta job history {job}", "meseta job explain {job}"],
    page: "No run of the job has that id or unique beginning, or none has come so far. Runs that ended long ago are forgotten.",
  },
  "no-file": {
    exit: 4,
    message: "there is no file {path}",
    why: "{why}",
    try: ["{again}", "meseta task list --all"],
    page: "The master or agent has no such file, or does not show it. Sandboxes are removed some time after their tasks have ended.",
  },
  "ambiguous-name": {
    exit: 2,
    message: "{kind} {name} means more than one",
    why: "{why}",
    try: ["meseta {kind} list"],
    page: "Any unique beginning of an id works as a name; this one fits several objects. Give more of it.",
  },
  "framework-error": {
    exit: 1,
    message: "the master ended this framework's session",
    why: "{why}",
    try: ["meseta framework list", "meseta framework explain FRAMEWORK"],
    page: "The master sent an ERROR event, after which a framework's stream ends: its FrameworkInfo was refused, it was torn down, or another client subscribed with the same id.",
  },
  "not-placed": {
    exit: 7,
    message: "no room was found for {count} in {timeout}",
    why: "{why}",
    try: ["meseta node list", "meseta quota list", "meseta run --cpus 0.1 --mem 32 …"],
    page: "No offer was large enough for what was asked, in the role it was asked in, within `--timeout`.",
  },
  "task-lost": {
    exit: 125,
    message: "task {task} was lost by the cluster",
    why: "{why}",
    try: ["meseta node list", "meseta task show {task}"],
    page: "The task did not end by itself: its agent became unreachable, was marked gone, or dropped the launch. What it did until then is unknown.",
  },
  "task-not-runnable": {
    exit: 126,
    message: "task {task} cannot be run",
    why: "{why}",
    try: ["meseta run --help"],
    page: "The master or the agent refused the task's description, or its container could not be started. docs/operate/launches.md has what can be wrong with images, networks, volumes and rights, and what to do.",
  },
  "task-not-running": {
    exit: 6,
    message: "cannot {what} {task} now",
    why: "{why}",
    try: ["meseta task show {task}", "meseta task log {task}", "meseta task list"],
    page: "This works only with a task that runs, because it reaches into its container. What a task has written can be read as long as its sandbox is kept.",
  },
  "not-interactive": {
    exit: 2,
    message: "{task} takes no input",
    why: "{why}",
    try: ["meseta task attach {task}", "meseta task exec -it {task} -- sh"],
    page: "Only a container with a terminal (`meseta run -it`), or one that was started with an open input, can be typed into, and only from one place at a time. A shell beside it is there at any time.",
  },
  "command-not-runnable": {
    exit: 126,
    message: "{command} cannot be run in {task}",
    why: "{why}",
    try: ["meseta task show {task}", "meseta task exec --help"],
    page: "The agent could not start the command in the task's container: it does not exist there, is no program, or the user is unknown there.",
  },
  "download-stopped": {
    exit: 1,
    message: "{path} was not copied",
    why: "{why}",
    try: ["meseta task ls TASK", "meseta task download --help"],
    page: "Names and links in a sandbox are the task's own making. Where they could lead out of the folder that was asked for, or around in it without an end, the copy stops; whole files that were copied before stay.",
  },
  "timed-out": {
    exit: 7,
    message: "{what} took longer than {timeout}",
    why: "{why}",
    try: ["{again}"],
    page: "The time given with `--timeout` passed. What was started goes on in the cluster; only the waiting ended.",
  },
  interrupted: {
    exit: 130,
    message: "interrupted",
    why: "{why}",
    try: ["meseta up"],
    page: "Ctrl-C or a signal ended the command.",
  },
  usage: {
    exit: 2,
    message: "{message}",
    why: "{why}",
    try: ["{help}"],
    page: "The command line cannot be understood: an argument or option is missing, unknown or has a value of the wrong form.",
  },
  "not-in-api": {
    exit: 4,
    message: "the API has nothing named {name}",
    why: "{why}",
    try: ["meseta explain"],
    page: "`meseta explain` knows the messages, fields and enums of the Mesos API by their names on the wire. The nearest name is suggested.",
  },
  "unknown-word": {
    exit: 2,
    message: 'there is no command "{word}"',
    why: "{why}",
    try: ["{help}"],
    page: "The first words of the command line name no command. The nearest one is suggested.",
  },
  "confirm-first": {
    exit: 2,
    message: "{what} needs a yes",
    why: "{why}",
    try: ["{again}"],
    page: "Destructive commands ask before they act. Where nobody can answer (no terminal), they want `--yes`.",
  },
  "bad-file": {
    exit: 2,
    message: "cannot use the file {file}",
    why: "{why}",
    try: ["meseta {command} --help"],
    page: "The file does not exist, cannot be read, or does not hold what the command needs.",
  },
  "bad-setting": {
    exit: 2,
    message: "cannot use the setting {name}",
    why: "{why}",
    try: ["meseta config explain"],
    page: "A value from the command line, a MESETA_ variable or a configuration file has the wrong form. `meseta config explain` shows where each value came from.",
  },
  "port-taken": {
    exit: 1,
    message: "port {port} is taken",
    why: "{why}",
    try: ["{again}"],
    page: "Another process listens on a port that this one needs. Ports that a cluster once chose stay its own, because agents and clients know them.",
  },
  "not-loopback": {
    exit: 2,
    message: "listening on {ip} is refused",
    why: "anyone who reaches {ip} could run programs on this machine: there are no credentials yet",
    try: ["{again}"],
    page: "Meseta listens on the loopback address unless `--insecure` says that others may reach it without credentials.",
  },
  "damaged-state": {
    exit: 1,
    message: "the state in {file} is damaged",
    why: "{why}",
    try: ["{again}"],
    page: "A checksum does not fit. The file is never read as empty: restore a backup over it with `--force`, which keeps what is there beside it as `.damaged`, or move it away, with its seal, to begin anew.",
  },
  "newer-state": {
    exit: 6,
    message: "what is stored here was written by a newer release",
    why: "{why}",
    try: ["meseta store restore FILE STORE --force"],
    page: "A release brings the records of older ones up to its own format when it first opens them, and there is no way back: a release that would misread them refuses to start, and changes nothing. docs/operate/upgrades.md tells how to upgrade and how to go back.",
  },
  "store-failed": {
    exit: 1,
    message: "the store does not work",
    why: "{why}",
    try: ["{again}"],
    page: "A disk or an etcd refused, or did not answer in time. What was answered before is stored; what was under way may be or not, and whoever starts again sees which. docs/operate/stores.md has what each refusal of etcd means.",
  },
  "store-in-use": {
    exit: 6,
    message: "the store {url} is in use",
    why: "{why}",
    try: ["{again}"],
    page: "A master, an init or a cron has this store open, or had it until some seconds ago. Stop that part first: what it writes would be lost in a copy, or the copy would be lost under it.",
  },
  "store-not-empty": {
    exit: 6,
    message: "the store {url} is not empty",
    why: "{why}",
    try: ["{again}"],
    page: "Copying and restoring replace all that a store holds, so they begin only with an empty one. `--force` removes what is there.",
  },
  "no-store": {
    exit: 4,
    message: "there is no store at {url}",
    why: "{why}",
    try: ["{again}"],
    page: "Nothing at that place was written by a master, an init or a cron. In etcd each part has a folder of its own below the one that was given to `--store`: /master, /init/NAME, /cron/NAME.",
  },
  "not-started": {
    exit: 1,
    message: "the {part} did not start",
    why: "{why}",
    try: ["{again}"],
    page: "A part of the cluster ended before it was ready. Its last words are under `why`, all of them in its log.",
  },
  "not-running": {
    exit: 4,
    message: "no cluster runs in {dir}",
    why: "{why}",
    try: ["meseta up", "meseta status"],
    page: "There is nothing to stop or to attach to in this directory.",
  },
  internal: {
    exit: 1,
    message: "a defect in meseta: {message}",
    why: "{why}",
    try: ["MESETA_TRACE=1 meseta {command}"],
    page: "Something happened that the program believed to be impossible. With MESETA_TRACE=1 it prints where.",
  },
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof registry;

export const errorCodes = Object.keys(registry) as ErrorCode[];

/** The problem of that code with its texts filled in; suggestions whose values are not given are left out. */
export function problem(code: ErrorCode, values: Readonly<Record<string, string | number>> = {}): Problem {
  const entry: Entry = registry[code];
  return {
    code,
    exit: entry.exit,
    message: fill(entry.message, values),
    why: fill(entry.why, values),
    try: entry.try
      .filter((line) => placeholders(line).every((name) => name in values))
      .map((line) => fill(line, values)),
  };
}

/** The page about one code as plain text, as served at /docs/errors/CODE, or of all, where none is named; undefined for a code that does not exist. */
export function errorPage(code: string): string | undefined {
  if (code === "") return allErrors();
  if (!Object.hasOwn(registry, code)) return undefined;
  const entry: Entry = registry[code as ErrorCode];
  const remedies = entry.try.map((line) => `  ${remedy(line)}\n`).join("");
  return `${code}: ${generic(entry.message)}\n\n${entry.page}\n\nExit code ${entry.exit}. Try:\n${remedies}`;
}

function allErrors(): string {
  const width = Math.max(...errorCodes.map((code) => code.length));
  const lines = errorCodes.map((code) => `${code.padEnd(width)}  ${generic((registry[code] as Entry).message)}\n`);
  return `Every error of the command line; each has a page below /docs/errors.\n\n${lines.join("")}`;
}

/** All codes as one Markdown page: docs/reference/errors.md. */
export function errorsMarkdown(): string {
  const head =
    "# Errors\n\nMade from `api/errors.ts` by `node tools/errors.ts`. Every error of the command line has these lines: what happened with its\n" +
    "code, why, what to try, and where to read more. Each code's page is served by the cluster itself at `/docs/errors/CODE`.\n";
  return head + errorCodes.map(section).join("");
}

function section(code: ErrorCode): string {
  const entry: Entry = registry[code];
  const remedies = entry.try.map((line) => (isWhole(line) ? remedy(line) : `\`${remedy(line)}\``)).join(" · ");
  return `\n## ${code}\n\n> ✗ ${generic(entry.message)}\n\n${entry.page}\n\nExit code ${entry.exit}. Try: ${remedies}\n`;
}

const PLACEHOLDER = /\{([a-z]+)\}/g;

function placeholders(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].map((match) => match[1]!);
}

function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replaceAll(PLACEHOLDER, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

// Some remedies are known only when the error happens.
function remedy(line: string): string {
  return isWhole(line) ? "what the error itself names" : generic(line);
}

function isWhole(line: string): boolean {
  return placeholders(line)[0] === line.slice(1, -1);
}

function generic(text: string): string {
  return text.replaceAll(PLACEHOLDER, (_, name: string) => name.toUpperCase());
}
