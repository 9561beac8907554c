import { type Bound, WHY } from "@meseta/lib/core/bound.ts";

const [KiB, MiB] = [1024, 1024 * 1024];
const REFUSED = "the image is refused, and its task fails with the reason";

/** What a registry, or whoever made an image, could otherwise fill. */
export const IMAGE_BOUNDS = {
  manifestBytes: {
    what: "A manifest of an image, or a list of them",
    most: 4 * MiB,
    unit: "bytes",
    fixed: "registries take no larger ones",
    unseen: WHY.told,
    outcome: REFUSED,
  },
  configBytes: {
    what: "The configuration of an image",
    most: 4 * MiB,
    unit: "bytes",
    fixed: "registries take no larger manifests, either",
    unseen: WHY.told,
    outcome: REFUSED,
  },
  settingsLength: {
    what: "The characters of what a container's start reads of it",
    most: 256 * KiB,
    fixed: "the kernel takes no more when a program starts",
    unseen: WHY.told,
    outcome: REFUSED,
  },
  tokenBytes: {
    what: "What a registry says to who logs in",
    most: MiB,
    unit: "bytes",
    fixed: "it is sent back in a header",
    unseen: WHY.told,
    outcome: REFUSED,
  },
  layers: {
    what: "Layers of an image",
    most: 128,
    fixed: "one mount lays no more over one another",
    unseen: WHY.told,
    outcome: REFUSED,
  },
  extendedBytes: {
    what: "An extended header of a file in a layer",
    most: MiB,
    unit: "bytes",
    fixed: "it holds names, and they have bounds of their own",
    unseen: WHY.told,
    outcome: REFUSED,
  },
  ratio: {
    what: "How many times its size a layer unpacks to",
    most: 200,
    fixed: "beyond what archives of zeros come to it is a bomb",
    unseen: WHY.told,
    outcome: REFUSED,
  },
  depth: {
    what: "Folders inside one another in a layer",
    most: 256,
    fixed: "each is held open while one below it is made",
    unseen: WHY.told,
    outcome: REFUSED,
  },
  archiveEntries: {
    what: "Entries of an archive that holds an image",
    most: 100_000,
    fixed: "no image has as many blobs",
    unseen: WHY.told,
    outcome: REFUSED,
  },
} as const satisfies Record<string, Bound>;
