import type { ContainerID } from "@meseta/api/mesos/generated/mesos.ts";
import type { Event } from "@meseta/api/mesos/generated/scheduler.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import type { Loss } from "@meseta/lib/core/ports/transport.ts";
import { counted } from "@meseta/lib/core/words.ts";
import { CallRefused } from "@meseta/sdk/core/errors.ts";
import type { Explanation } from "@meseta/sdk/core/explanation.ts";
import type { SchedulerClient } from "@meseta/sdk/scheduler/client.ts";
import { connectScheduler } from "@meseta/sdk/scheduler/connect.ts";
import { Failure } from "../core/failure.ts";
import { lastPart } from "../core/name.ts";
import { exitCodeOf, faultOf } from "../core/run/exit-code.ts";
import { Run, type RunStep, type RunTask } from "../core/run/run.ts";
import { frameworkOf, type Wish } from "../core/run/wish.ts";
import { fineSpan, span } from "../core/since.ts";
import { showTask } from "../core/state.ts";
import { amountsText } from "../core/views/explain.ts";
import { whyText } from "../core/views/tasks.ts";
import type { Invocation } from "../invocation.ts";
import { Cluster, mastersOf } from "./cluster.ts";
import { converse } from "./conversation.ts";
import { createLinePrefix } from "./line-prefix.ts";
import { Tail } from "./tail.ts";

/** Who waits this long for a place is told why. */
const EXPLAIN_AFTER_MS = 3000;
/** A master that reads its registry says 503 for a moment; longer than this the command does not wait for it. */
const PATIENCE_MS = 15_000;
/** Once it was subscribed it waits for masters that are away, but not for ever: nobody may be watching. */
const LONGEST_ABSENCE_MS = 300_000;

/** Carries out one `run`: the core decides, this speaks with the cluster and the terminal. */
export class RunSession {
  readonly #invocation: Invocation;
  readonly #wish: Wish;
  readonly #run: Run;
  readonly #client: SchedulerClient;
  readonly #cluster: Cluster;
  readonly #following = new Map<string, Promise<unknown>>();
  readonly #done = Promise.withResolvers<number>();
  readonly #startedMs = Date.now();
  /** Since the last event: failed attempts to reach a master. */
  #losses = 0;
  #absence: NodeJS.Timeout | undefined;
  #interrupts = 0;
  #isLeaving = false;
  /** The first task that did not end by itself: what the cluster did to it. */
  #fault: Failure | undefined;

  constructor(invocation: Invocation, wish: Wish) {
    const masters = mastersOf(invocation);
    this.#invocation = invocation;
    this.#wish = wish;
    this.#run = new Run(wish, `${wish.taskIds[0]}.executor`);
    this.#client = connectScheduler({ masters }, { framework: frameworkOf(wish) });
    this.#cluster = new Cluster(masters);
  }

  /** Resolves with the exit code when all tasks have ended and all they printed is printed here. */
  async run(): Promise<number> {
    const timers = this.#startTimers();
    const interrupt = (): void => this.#interrupt();
    process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
    this.#client.start({
      event: (event) => this.#receive(event),
      disconnected: (loss) => this.#lost(loss),
      ended: (why) => void (this.#isLeaving || this.#done.reject(new Failure("framework-error", { why }))),
    });
    try {
      const exit = await this.#done.promise;
      await Promise.all(this.#following.values());
      const fault = this.#fault;
      await this.#client.teardown().catch(() => {}); // It would be removed in half a minute anyway.
      if (fault && exit !== 130) throw fault;
      return exit;
    } finally {
      process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
      for (const timer of timers) clearTimeout(timer);
      clearTimeout(this.#absence);
      this.#client.close();
      this.#cluster.close();
    }
  }

  #startTimers(): NodeJS.Timeout[] {
    const timeoutMs = this.#invocation.flags.number("timeout");
    const timers = [setTimeout(() => void this.#explain(), EXPLAIN_AFTER_MS)];
    if (timeoutMs !== undefined) timers.push(setTimeout(() => void this.#giveUp(timeoutMs), timeoutMs));
    return timers;
  }

  #receive(event: Event): void {
    if (event.type === "SUBSCRIBED" && this.#losses > 0) {
      this.#losses = 0;
      clearTimeout(this.#absence);
      this.#say("● the master is back", "good");
      const tasks = this.#run.tasks.filter(({ state }) => state !== "WAITING" && !isTerminal(state));
      this.#send(
        this.#client.reconcile(
          tasks.map(({ id, agentId }) => ({ task_id: { value: id }, agent_id: { value: agentId } })),
        ),
      );
    }
    for (const step of this.#run.apply(event)) this.#carryOut(step);
  }

  #carryOut(step: RunStep): void {
    switch (step.type) {
      case "accept":
        return this.#send(
          this.#client
            .accept([step.offer.id], [...step.operations], { refuse_seconds: 1 })
            .catch((error: Error) => this.#notAccepted(error)),
        );
      case "decline":
        return this.#send(
          this.#client.decline(
            step.offers.map(({ id }) => id),
            { refuse_seconds: step.refuseSeconds },
          ),
        );
      case "suppress":
        return this.#send(this.#client.suppress());
      case "kill":
        return this.#send(this.#client.kill({ value: step.task.id }, { value: step.task.agentId }));
      case "tell":
        return this.#tell(step);
      case "follow":
        return this.#follow(step.task);
      case "end":
        return this.#done.resolve(step.exit);
    }
  }

  // A call that is lost with its stream is made good by reconciliation; one that is refused says why by an event.
  #send(call: Promise<void>): void {
    call.catch((error: Error) => this.#say(`◐ ${error.message}`, "warn"));
  }

  // What is wrong with the tasks themselves is wrong with every offer.
  #notAccepted(error: Error): void {
    if (!(error instanceof CallRefused) || error.status !== 400) throw error;
    const values = { what: "launch this", why: error.text, command: "run" };
    this.#done.reject(new Failure("call-refused", values));
  }

  #tell({ task, status }: RunStep & { type: "tell" }): void {
    const fault = faultOf(status);
    const isFirst = this.#fault === undefined;
    if (fault) this.#fault ??= new Failure(fault, { task: task.id, why: whyText(status) }).withExit(exitCodeOf(status));
    const look = showTask(status.state, status.healthy);
    const where =
      status.state === "TASK_STARTING" || status.state === "TASK_RUNNING"
        ? ` on ${lastPart(task.agentId)} (${task.host})`
        : "";
    // What the error at the end says is not said twice.
    const isTold = status.state === "TASK_FINISHED" || (fault !== undefined && isFirst);
    const why = isTold ? "" : whyText(status);
    const after = isTerminal(status.state) ? ` after ${fineSpan(Date.now() - this.#startedMs)}` : "";
    const say = (): void =>
      this.#say(`${look.mark} ${task.id} ${look.word}${where}${after}${why && `: ${why}`}`, look.tone);
    const talk = this.#wish.interactive ? this.#following.get(task.id) : undefined;
    if (talk === undefined) say();
    else void talk.then(say); // The terminal is not ours until then.
  }

  #follow(task: RunTask): void {
    if (this.#following.has(task.id)) return;
    if (this.#wish.interactive) return this.#talk(task);
    this.#tail(task);
  }

  // It can be typed into as soon as it runs; one that has ended by then has its output in its sandbox.
  #talk(task: RunTask): void {
    if (task.state !== "TASK_RUNNING" || task.container === undefined) return;
    const agent = this.#cluster.agent(task.agentUrl);
    const ways = { stdin: "pass", tty: true, detachable: false } as const;
    const talk = async (id: ContainerID): Promise<void> => {
      const output = await agent.attachContainerOutput(id, "start");
      await converse(agent, id, output, ways, this.#invocation.terminal);
    };
    this.#following.set(
      task.id,
      talk(task.container).catch((error: Error) => {
        if (error instanceof CallRefused && error.status === 404) return this.#tail(task);
        this.#say(`◐ ${task.id}: its terminal is lost: ${error.message}`, "warn");
        return this.#tail(task);
      }),
    );
  }

  #tail(task: RunTask): Promise<void> {
    const { terminal } = this.#invocation;
    const label = this.#run.tasks.length > 1 ? `${task.id.split(".").at(-1)} | ` : "";
    const agent = this.#cluster.agent(task.agentUrl);
    const isOver = (): boolean => task.exit !== undefined;
    const files = (["stdout", "stderr"] as const).map(async (file) => {
      const to = createLinePrefix(label, (bytes) => (file === "stdout" ? terminal.out(bytes) : terminal.err(bytes)));
      await new Tail(agent, `${task.sandbox}/${file}`, to.write).follow(isOver);
      to.end();
    });
    const all = Promise.all(files).catch((error: Error) =>
      this.#say(`◐ ${task.id}: its output is lost: ${error.message}`, "warn"),
    );
    this.#following.set(task.id, all);
    return all.then(() => {});
  }

  #lost(loss: Loss): void {
    this.#losses++;
    const isRefusal = loss.answer !== undefined && loss.answer.status !== 503;
    const everSubscribed = this.#client.frameworkId !== undefined;
    const patient = everSubscribed || (loss.answer?.status === 503 && Date.now() - this.#startedMs < PATIENCE_MS);
    if (!patient && !isRefusal && this.#losses >= this.#cluster.masters.length) {
      const code = loss.answer ? "no-leader" : "cluster-unreachable";
      return this.#done.reject(new Failure(code, { part: "master", why: loss.reason }));
    }
    if (!everSubscribed || this.#losses > 1) return;
    this.#say(`◐ lost the master: ${loss.reason}; trying until it is back`, "warn");
    const why = `${loss.reason}; it has been away for ${span(LONGEST_ABSENCE_MS)}, and the tasks may run on`;
    const giveUp = (): void => this.#done.reject(new Failure("cluster-unreachable", { why }));
    this.#absence = setTimeout(giveUp, LONGEST_ABSENCE_MS);
  }

  #interrupt(): void {
    if (this.#interrupts++ > 0 || !this.#client.subscribed) {
      this.#say("○ left; the master ends the tasks with their framework, half a minute after it misses us", "warn");
      process.exit(130);
    }
    const live = this.#run.tasks.filter(({ state }) => state !== "WAITING" && !isTerminal(state)).length;
    this.#say(`◐ killing ${counted(live, "task")}; Ctrl-C again to leave at once`, "warn");
    for (const step of this.#run.cancel()) this.#carryOut(step);
  }

  async #giveUp(timeoutMs: number): Promise<void> {
    const waiting = this.#run.waiting();
    if (waiting === 0) return;
    const why = await this.#why();
    this.#isLeaving = true;
    for (const step of this.#run.cancel()) if (step.type === "kill") this.#carryOut(step);
    await this.#client.teardown().catch(() => {});
    this.#done.reject(new Failure("not-placed", { count: counted(waiting, "task"), timeout: span(timeoutMs), why }));
  }

  async #explain(): Promise<void> {
    if (this.#run.waiting() === 0 || this.#client.frameworkId === undefined) return;
    this.#say(`◐ waiting for room: ${await this.#why()}`, "warn");
    this.#say(`  more: meseta framework explain ${lastPart(this.#client.frameworkId.value)}`, "dim");
  }

  // What was seen in offers says most; without any, the master knows why there were none.
  async #why(): Promise<string> {
    const { offers, missing, ports, offeredPorts } = this.#run.shortage();
    if (ports.length > 0 && offers > 0) {
      const there = offeredPorts.length > 0 ? `there are ${offeredPorts.join(", ")}` : "there are none";
      return `no node offers port ${ports.join(", ")}: ${there}; PORT alone (-p ${this.#wish.publish?.[0]?.containerPort ?? 80}) takes any`;
    }
    if (missing.length > 0 && offers > 0) {
      const parts = missing.map(
        (each) =>
          `${amountsText({ [each.name]: each.wanted })} wanted, the largest offer has ${amountsText({ [each.name]: each.largest })}`,
      );
      return parts.join("; ");
    }
    if (offers > 0) return `no node has all of it free at once, in role ${this.#wish.role}`;
    const query = `/explain?framework_id=${encodeURIComponent(this.#client.frameworkId?.value ?? "")}`;
    const found = await this.#cluster.get<Explanation>(query).catch(() => undefined);
    return found?.summary ?? `nothing was offered in role ${this.#wish.role}`;
  }

  #say(text: string, tone: "good" | "busy" | "warn" | "bad" | "lost" | "dim" | "strong"): void {
    this.#invocation.terminal.err(`${this.#invocation.terminal.paint(text, tone, "err")}\n`);
  }
}
