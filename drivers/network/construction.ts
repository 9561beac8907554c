import { readFile, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { JoinedNetwork } from "../container/oci/ports.ts";
import type { Programs } from "../launch/programs.ts";
import { type ContainerDns, hostsText, resolvConfFor } from "./files.ts";
import type { Attachment, Plugins } from "./plugins.ts";
import { addressesOfGroup, type GroupRecord, removeRecord, writeRecord } from "./record.ts";
import { failureOf } from "./result.ts";
import { holdShared, releaseShared } from "./shared.ts";

const namespaceProgram = fileURLToPath(new URL("namespace.pl", import.meta.url));
/** The type of the file system that namespaces are files of, as statfs(2) tells. */
const namespaceMagic = 0x6e736673;
/** The second is there where the first only says: ask the resolver on loopback. */
const machineFiles = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"];

export interface ConstructionOptions {
  /** Below it each group has a folder. */
  readonly dir: string;
  readonly programs: Programs;
  readonly perl?: string | undefined;
  readonly containerDns?: readonly ContainerDns[] | undefined;
  readonly resolvConf?: readonly string[] | undefined;
  readonly plugins: Plugins;
  /** Hears of each record that is on the disk. */
  readonly saved: (record: GroupRecord) => void;
}

/** Makes what a group's record says, step by step, and takes it away again, however far it had come. */
export class Construction {
  readonly #options: ConstructionOptions;

  constructor(options: ConstructionOptions) {
    this.#options = options;
  }

  /** Resolves with the record of the joined group. Rejects with a sentence; then `undo` and `remove` are due. */
  async build(begun: GroupRecord, hostname: string): Promise<GroupRecord> {
    const { group, id } = begun;
    const namespace = join(this.folderOf(group), "ns");
    await this.save(begun);
    await holdShared(begun, this.folderOf(group));
    await this.#namespace("make", namespace);
    let record = begun;
    for (const [at, attachment] of begun.attachments.entries()) {
      const result = await this.#options.plugins.add(attachment, { id, namespace });
      record = await this.save({ ...record, attachments: record.attachments.with(at, { ...attachment, result }) });
      checkAddresses(
        record.attachments[at]!,
        addressesOfGroup(record).map(({ address }) => address),
      );
    }
    await this.#writeFiles(record, hostname);
    return this.save({ ...record, state: "joined" });
  }

  async #writeFiles(record: GroupRecord, hostname: string): Promise<void> {
    const folder = this.folderOf(record.group);
    const machine = await Promise.all(
      (this.#options.resolvConf ?? machineFiles).map((path) => readFile(path, "utf8").catch(() => "")),
    );
    const wanted = record.attachments.map(({ config, result }) => ({ network: config.name, result }));
    const resolv = resolvConfFor(wanted, this.#options.containerDns ?? [], machine);
    await writeFile(join(folder, "hosts"), hostsText(hostname, addressesOfGroup(record)));
    await writeFile(join(folder, "hostname"), `${hostname}\n`);
    await writeFile(join(folder, "resolv.conf"), resolv);
  }

  /** Takes the networks away. Every plugin has its turn, the last first; rejects with the first complaint. */
  async undo(record: GroupRecord): Promise<void> {
    // Plugins look into the namespace for what they have to undo outside.
    const path = join(this.folderOf(record.group), "ns");
    await this.#undoWithin(record, (await isNamespace(path)) ? path : "");
  }

  /** The same for a group of another agent that is gone with its namespace: a group of ours may have its name. */
  async undoAbandoned(record: GroupRecord): Promise<void> {
    await this.#undoWithin(record, "");
  }

  async #undoWithin(record: GroupRecord, namespace: string): Promise<void> {
    let failed: unknown;
    for (const one of record.attachments.toReversed()) {
      await this.#options.plugins.remove(one, { id: record.id, namespace }).catch((error) => (failed ??= error));
    }
    if (failed) throw failed;
    await releaseShared(record);
  }

  async #namespace(verb: "make" | "remove", path: string): Promise<void> {
    const { programs, perl = "/usr/bin/perl" } = this.#options;
    const done = await programs.run({ file: perl, arguments: [namespaceProgram, verb, path] });
    if (done.waitStatus !== 0) throw new Error(`the network namespace: ${failureOf(done)}`);
  }

  /** Resolves when the record is on the disk. */
  async save(record: GroupRecord): Promise<GroupRecord> {
    await writeRecord(this.folderOf(record.group), record);
    this.#options.saved(record);
    return record;
  }

  folderOf(group: string): string {
    return join(this.#options.dir, group);
  }

  /** Removes namespace and folder: the last step. */
  async remove(group: string): Promise<void> {
    const folder = this.folderOf(group);
    await this.#namespace("remove", join(folder, "ns"));
    await removeRecord(folder);
  }

  /** What the containers of a joined group are told. */
  joinedOf(record: GroupRecord): JoinedNetwork {
    const folder = this.folderOf(record.group);
    return {
      namespace: join(folder, "ns"),
      addresses: addressesOfGroup(record),
      hosts: join(folder, "hosts"),
      hostname: join(folder, "hostname"),
      resolvConf: join(folder, "resolv.conf"),
    };
  }
}

function checkAddresses({ config, wish }: Attachment, given: readonly string[]): void {
  for (const address of wish.addresses) {
    if (given.includes(address.split("/")[0]!)) continue;
    throw new Error(`network "${config.name}" did not give the address ${address}, but ${given.join(", ") || "none"}`);
  }
}

async function isNamespace(path: string): Promise<boolean> {
  return statfs(path).then(
    ({ type }) => type === namespaceMagic,
    () => false,
  );
}
