import type { Command } from "./command.ts";

const force = { flag: "--force", about: "replace what is there", here: true };
const URLS =
  "A store is sqlite:PATH, or etcd://HOST:PORT,…/FOLDER: /meseta/master, /meseta/init/NAME or /meseta/cron/NAME unless --store said another folder than /meseta.";

/** What is done with the stores of masters, inits and crons, most of it while these are stopped: boot/ carries it out. */
export const storeRows: readonly Command[] = [
  {
    path: "store copy",
    kind: "boot",
    about: "Copy all records of a store into another one",
    more: `Both parts must be stopped. What was copied is read again and compared; until then no part starts on it. ${URLS}`,
    args: [
      { name: "from", about: "the store to read" },
      { name: "to", about: "the store to fill; an empty one" },
    ],
    flags: [force],
    examples: [
      {
        line: "meseta store copy sqlite:/var/lib/meseta/master/store.db etcd://h1,h2,h3/meseta/master",
        does: "from one master to several",
      },
    ],
  },
  {
    path: "store check",
    kind: "boot",
    about: "Read a store or a backup, and compare all checksums",
    more: `A store may be in use. ${URLS}`,
    args: [{ name: "store", about: "a store, or the file of a backup" }],
    examples: [
      { line: "meseta store check etcd://h1,h2,h3/meseta/master", does: "the masters' records" },
      { line: "meseta store check monday.backup", does: "a backup" },
    ],
  },
  {
    path: "store backup",
    kind: "boot",
    about: "Write all records of a store into a file",
    more: `The store may be in use: the file holds what it held at one moment. ${URLS}`,
    args: [
      { name: "store", about: "the store to read" },
      { name: "file", about: "the file to write" },
    ],
    flags: [force],
    examples: [{ line: "meseta store backup etcd://h1,h2,h3/meseta/master monday.backup", does: "while it runs" }],
  },
  {
    path: "store restore",
    kind: "boot",
    about: "Fill a store with the records of a backup",
    more: `The part must be stopped. The file is checked first, and what was written is read again and compared. ${URLS}`,
    args: [
      { name: "file", about: "a file that `meseta store backup` wrote" },
      { name: "store", about: "the store to fill; an empty one" },
    ],
    flags: [force],
    examples: [
      {
        line: "meseta store restore monday.backup sqlite:/var/lib/meseta/master/store.db --force",
        does: "go back to it",
      },
    ],
  },
];
