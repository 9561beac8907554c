import { Layout } from "@meseta/drivers/store/etcd/layout.ts";
import { readStored } from "@meseta/drivers/store/etcd/record.ts";
import type { Disk } from "./disk.ts";
import type { SimEtcd } from "./etcd.ts";
import type { Written } from "./etcd-keys.ts";

/** Keeps on a disk what processes store in a folder of etcd, for those who watch what is durable. */
export class EtcdMirror {
  readonly #etcd: SimEtcd;
  readonly #layout: Layout;
  readonly #disk: Disk;

  constructor(etcd: SimEtcd, folder: string, disk: Disk) {
    this.#etcd = etcd;
    this.#layout = new Layout(folder);
    this.#disk = disk;
    etcd.watch(folder, { told: (_, written) => this.#written(written), believed: () => {} });
  }

  #written(written: Written): void {
    const { key: first, end } = this.#layout.records("");
    const isRecord = (key: string): boolean => key >= first && key < end;
    const puts = new Map<string, string>();
    for (const [key, value] of written.puts) if (isRecord(key)) puts.set(this.#layout.keyOf(key), this.#text(value));
    const deletes = new Set([...written.deletes].filter(isRecord).map((key) => this.#layout.keyOf(key)));
    if (puts.size + deletes.size > 0) this.#disk.show({ puts, deletes });
  }

  #text(value: string): string {
    const stored = readStored(value)!;
    if ("text" in stored) return stored.text;
    return this.#etcd.keys
      .range(this.#layout.pieces(stored.name))
      .pairs.map((pair) => pair.value)
      .join("");
  }
}
