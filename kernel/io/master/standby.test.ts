import { createMemoryStore } from "@meseta/drivers/store/memory.ts";
import type { Address, Election } from "@meseta/lib/core/ports/election.ts";
import { afterEach, describe, expect, it } from "vitest";
import { ask, operate, rehearse } from "./rehearsal.rig.ts";
import type { RunningMaster } from "./server.ts";

/** An election in the hands of a test. */
class Ballot implements Election {
  readonly #elected = Promise.withResolvers<void>();
  readonly #deposed = Promise.withResolvers<Error>();
  readonly lost = this.#deposed.promise;
  stood: Address | undefined;
  other: Address | undefined;
  leads = false;
  isDeaf = false;
  resigned = false;

  stand(self: Address): Promise<void> {
    this.stood = self;
    return this.#elected.promise;
  }
  leader(): Address | undefined {
    return this.other;
  }
  hears(): boolean {
    return !this.isDeaf;
  }
  mayAct(): boolean {
    return this.leads;
  }
  async resign(): Promise<void> {
    this.resigned = true;
  }
  elect(): void {
    this.leads = true;
    this.#elected.resolve();
  }
  depose(reason: Error): void {
    this.leads = false;
    this.#deposed.resolve(reason);
  }
}

describe("a master of several", () => {
  let master: RunningMaster;
  const fatal: string[] = [];
  afterEach(async () => {
    fatal.length = 0;
    await master.stop();
  });
  const begin = async () => {
    const ballot = new Ballot();
    const opened: number[] = [];
    const store = createMemoryStore();
    const open = async () => {
      const result = await store.open();
      opened.push(result.epoch);
      return result;
    };
    const ports = { election: ballot, fatal: (reason: Error) => void fatal.push(reason.message) };
    master = await rehearse({ ...store, open }, ports);
    return { ballot, opened };
  };

  it("listens and redirects while another one leads, and does not touch the store", async () => {
    const { ballot, opened } = await begin();
    expect(ballot.stood).toEqual({ hostname: "127.0.0.1", port: master.port });
    expect((await ask(master, "/state")).status).toBe(503);
    ballot.other = { hostname: "10.0.0.2", port: 5050 };
    const state = await ask(master, "/state");
    expect([state.status, state.headers.get("location")]).toEqual([307, "//10.0.0.2:5050/state"]);
    expect((await ask(master, "/health")).status).toBe(200);
    expect((await ask(master, "/api/v1/standby-watch")).status).toBe(503);
    expect((await ask(master, "/metrics/snapshot")).text).toContain('"master/elected":0');
    expect(opened).toEqual([]);
  });

  it("says in its metrics when nobody answers who could say who leads, and names the one before to those who ask", async () => {
    const { ballot } = await begin();
    ballot.other = { hostname: "10.0.0.2", port: 5050 };
    ballot.isDeaf = true;
    expect((await ask(master, "/metrics/snapshot")).text).toContain('"meseta/election_heard":0');
    expect((await ask(master, "/state")).status).toBe(307);
  });

  it("opens the store and answers when it is elected", async () => {
    const { ballot, opened } = await begin();
    ballot.elect();
    await master.led;
    expect(opened).toHaveLength(1);
    expect((await ask(master, "/state")).status).toBe(200);
  });

  it("answers nothing and ends once its lease can be over, though nobody has told it yet", async () => {
    const { ballot } = await begin();
    ballot.elect();
    await master.led;
    ballot.leads = false;
    const update = { type: "UPDATE_WEIGHTS" as const, update_weights: { weight_infos: [{ role: "w", weight: 2 }] } };
    expect((await ask(master, "/state")).status).toBe(503);
    expect((await operate(master, update)).status).toBe(503);
    expect(fatal).toEqual(["this process leads no more"]);
  });

  it("redirects again and ends when it is told that another one leads", async () => {
    const { ballot } = await begin();
    ballot.elect();
    await master.led;
    ballot.other = { hostname: "10.0.0.2", port: 5050 };
    ballot.depose(new Error("another one leads now"));
    await expect.poll(() => fatal).toEqual(["another one leads now"]);
    expect((await ask(master, "/state")).status).toBe(307);
  });

  it("steps down when it stops", async () => {
    const { ballot } = await begin();
    ballot.elect();
    await master.led;
    await master.stop();
    expect(ballot.resigned).toBe(true);
  });
});
