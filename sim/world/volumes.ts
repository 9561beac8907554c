/** The persistent volumes of one machine: what tasks wrote into each. They outlive agents and reboots. */
export class Volumes {
  /** Path of the volume to the names of the tasks that wrote into it. */
  readonly data = new Map<string, Set<string>>();
  /** What was moved aside and not removed yet: its name to the path where it was. */
  readonly trash = new Map<string, string>();
  /** Told when the data of a volume is about to be moved aside. */
  onErase: (path: string) => void = () => {};

  make(path: string): void {
    if (!this.data.has(path)) this.data.set(path, new Set());
  }

  write(path: string, writer: string): void {
    this.make(path);
    this.data.get(path)!.add(writer);
  }

  /** Once under each name: when that is taken, it was done before. */
  move(path: string, trash: string): void {
    if (this.trash.has(trash)) return;
    if (this.data.has(path)) this.onErase(path);
    this.data.delete(path);
    this.trash.set(trash, path);
  }

  emptyTrash(trash: string): void {
    this.trash.delete(trash);
  }

  /** As production does at a start: what an earlier life moved aside and did not remove. */
  emptyOldTrash(except: ReadonlySet<string>): void {
    for (const trash of this.trash.keys()) if (!except.has(trash)) this.trash.delete(trash);
  }
}
