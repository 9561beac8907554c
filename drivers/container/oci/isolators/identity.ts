/** Who the first process is, by the numbers of the inside. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly home: string;
}

/** The texts of a passwd and a group file. */
export interface Accounts {
  readonly passwd: string;
  readonly group: string;
}

/**
 * Looks up "user", "uid", "user:group" or "uid:gid" (as Docker's USER) in these accounts. A number needs no entry; a name that is
 * not there gives undefined.
 */
export function lookUp(user: string, { passwd, group }: Accounts): Identity | undefined {
  const [name = "", groupName] = user.split(":", 2);
  const entry = rows(passwd).find((row) => row[0] === name) ?? rows(passwd).find((row) => row[2] === name);
  const uid = idOf(entry?.[2] ?? name);
  if (uid === undefined) return undefined;
  const gid = groupName === undefined ? (idOf(entry?.[3] ?? "") ?? (entry ? undefined : 0)) : groupId(groupName, group);
  if (gid === undefined) return undefined;
  return {
    uid,
    gid,
    groups: groupName === undefined && entry ? groupsOf(entry[0]!, gid, group) : [],
    home: entry?.[5] || "/",
  };
}

function groupId(name: string, group: string): number | undefined {
  return idOf(rows(group).find((row) => row[0] === name)?.[2] ?? name);
}

function groupsOf(user: string, gid: number, group: string): number[] {
  return rows(group).flatMap((row) => {
    const id = idOf(row[2] ?? "");
    return id !== undefined && id !== gid && row[3]?.split(",").includes(user) ? [id] : [];
  });
}

// Ids end below 2^32 - 1, which means "none" to the kernel.
function idOf(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) && Number(text) < 2 ** 32 - 1 ? Number(text) : undefined;
}

function rows(text: string): string[][] {
  return text.split("\n").map((line) => line.trim().split(":"));
}
