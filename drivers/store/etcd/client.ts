import { StoreFailed } from "@meseta/lib/core/ports/store.ts";
import type { EtcdAccess } from "./access.ts";
import { GrpcChannel, GrpcRefused } from "./grpc.ts";
import { Login } from "./login.ts";
import { Members, type Patience } from "./members.ts";
import {
  decodeLeft,
  decodeMembers,
  decodeOutcome,
  decodePage,
  decodeSum,
  encodeMember,
  encodeNumbers,
  encodeRange,
  encodeTexts,
  encodeTransaction,
  type Member,
  type Outcome,
  type Page,
  type Range,
  type Sum,
  type Transaction,
} from "./messages.ts";
import { refusal } from "./refusal.ts";

/** What was read of has been compacted away; it is to be read anew. */
export class Compacted extends StoreFailed {}

/** The calls of etcd that a store and an election make. Each rejects with StoreFailed, or as it says. */
export interface Etcd {
  /** Rejects with Compacted when its revision is not there any more. */
  range(range: Range): Promise<Page>;
  /** May be carried out twice: what it does must be told by its conditions. */
  transact(transaction: Transaction): Promise<Outcome>;
  /** Forgets what there was before a revision; that it was forgotten already is as good. */
  compact(revision: number): Promise<void>;
  /** Makes a lease of that id, or finds it made. */
  grant(id: number, seconds: number): Promise<void>;
  /** How many seconds the lease has left now that it was renewed; 0 when it is over. */
  renew(id: number, patience: Patience): Promise<number>;
  revoke(id: number, patience: Patience): Promise<void>;
  /** Calls that are under way fail. */
  close(): void;
}

/** A password is checked by a sum that is meant to take long, and each attempt makes etcd begin with another one. */
const LOGIN: Patience = { wholeMs: 15_000, attemptMs: 7_500 };

/** All that is stored is read, or members have to have seen one another for some seconds. */
const SLOWLY: Patience = { wholeMs: 60_000, attemptMs: 20_000 };

/** The calls as messages of protobuf to the members of a real etcd. */
export class EtcdClient implements Etcd {
  readonly #members: Members<Uint8Array, Uint8Array>;
  readonly #login: Login;
  readonly #names: string;

  constructor(hosts: readonly string[], patience?: Patience, { tls, user }: EtcdAccess = {}) {
    const open = (host: string) =>
      new GrpcChannel(`${tls === undefined ? "http" : "https"}://${host}`, { tls, token: () => this.#login.token });
    this.#members = new Members(hosts, open, patience);
    this.#login = new Login(user, (message) => this.#members.call("etcdserverpb.Auth/Authenticate", message, LOGIN));
    this.#names = hosts.join(", ");
  }

  async range(range: Range): Promise<Page> {
    return decodePage(await this.#call("KV/Range", encodeRange(range)));
  }

  async transact(transaction: Transaction): Promise<Outcome> {
    return decodeOutcome(await this.#call("KV/Txn", encodeTransaction(transaction)));
  }

  async compact(revision: number): Promise<void> {
    await this.#call("KV/Compact", encodeNumbers(revision)).catch((error) => {
      if (!(error instanceof Compacted)) throw error;
    });
  }

  async grant(id: number, seconds: number): Promise<void> {
    await this.#call("Lease/LeaseGrant", encodeNumbers(seconds, id), undefined, "lease already exists");
  }

  async renew(id: number, patience: Patience): Promise<number> {
    return decodeLeft(await this.#call("Lease/LeaseKeepAlive", encodeNumbers(id), patience));
  }

  async revoke(id: number, patience: Patience): Promise<void> {
    await this.#call("Lease/LeaseRevoke", encodeNumbers(id), patience, "lease not found");
  }

  members(): Promise<Member[]> {
    return this.#call("Cluster/MemberList", new Uint8Array(), SLOWLY).then(decodeMembers);
  }

  /** Takes a member out, or finds it taken out. Rejects where too few would be left to decide anything. */
  async removeMember({ id }: Member): Promise<void> {
    await this.#call("Cluster/MemberRemove", encodeMember(id), SLOWLY, "member not found");
  }

  /** Lets whoever comes from there be a new member, or finds that it may. */
  async addMember(peerUrl: string): Promise<void> {
    await this.#call("Cluster/MemberAdd", encodeTexts(peerUrl), SLOWLY, "Peer URLs already exists");
  }

  /** What the member that answers holds of all keys as they were at the revision. Of one that is not known yet, or no more, it rejects. */
  async sum(revision: number): Promise<Sum> {
    return decodeSum(await this.#call("Maintenance/HashKV", encodeNumbers(revision), SLOWLY));
  }

  close(): void {
    this.#members.close();
  }

  async #call(method: string, message: Uint8Array, patience?: Patience, asGood?: string): Promise<Uint8Array> {
    try {
      return await this.#login.as(() => this.#members.call(`etcdserverpb.${method}`, message, patience));
    } catch (error) {
      if (error instanceof GrpcRefused && asGood !== undefined && error.message.includes(asGood))
        return new Uint8Array();
      throw understood(error as Error, this.#names);
    }
  }
}

/** What a call that failed comes to for who made it. */
export function understood(error: Error, names: string): Error {
  if (!(error instanceof GrpcRefused)) return error;
  if (error.message.includes("has been compacted"))
    return new Compacted(`etcd at ${names} forgets the past faster than it can be read`);
  return refusal(error, names);
}
