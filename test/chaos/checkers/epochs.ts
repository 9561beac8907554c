// I6: each time that a store is taken over it gets an epoch that it has never had, and finds all that was stored in the epochs before. From what parts log. Pure.
export interface EpochFindings {
  readonly problems: string[];
  readonly takeovers: number;
}

/** `logs`: the lines of all parts that share one store. */
export function checkEpochs(kind: string, logs: readonly string[]): EpochFindings {
  const loads = logs.flatMap((line) => {
    const [, epoch, version] = /records are loaded epoch=(\d+) version=(\d+)/.exec(line) ?? [];
    return epoch === undefined ? [] : [{ epoch: Number(epoch), version: Number(version) }];
  });
  loads.sort((one, other) => one.epoch - other.epoch);
  const problems = loads.slice(1).flatMap(({ epoch, version }, index) => {
    const before = loads[index]!;
    if (epoch === before.epoch) return [`I6: two of ${kind} have loaded in epoch ${epoch}`];
    if (version >= before.version) return [];
    return [`I5: ${kind} of epoch ${epoch} loads version ${version}, and ${before.version} was loaded before`];
  });
  return { problems, takeovers: loads.length };
}
