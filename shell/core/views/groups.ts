import type { Group } from "@meseta/api/marathon/group.ts";
import { counted } from "@meseta/lib/core/words.ts";
import { type Details, type Listing, part } from "../listing.ts";

/** A group as GET shows it, with all below it. */
export interface GroupTree extends Group {
  readonly apps: readonly { readonly id: string; readonly instances: number }[];
  readonly pods: readonly { readonly id: string; readonly scaling: { readonly instances: number } }[];
  readonly groups: readonly GroupTree[];
}

/** The group and all below it, each before what is in it. */
export function groupsIn(root: GroupTree): GroupTree[] {
  const found = [root];
  for (const group of found) found.push(...group.groups);
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}

export function groupListing(groups: readonly GroupTree[]): Listing<GroupTree> {
  return {
    items: groups,
    name: ({ id }) => id,
    none: "No groups yet. An app with a path makes one: meseta app add FILE, with an id like /shop/web",
    columns: [
      { title: "GROUP", text: ({ id }) => id },
      { title: "APPS", right: true, text: ({ apps }) => String(apps.length), key: ({ apps }) => apps.length },
      { title: "PODS", right: true, text: ({ pods }) => String(pods.length), key: ({ pods }) => pods.length },
      { title: "GROUPS", right: true, text: ({ groups }) => String(groups.length), key: ({ groups }) => groups.length },
      { title: "DEPENDS ON", text: ({ dependencies }) => dependencies.join(", "), wide: true },
      { title: "ROLE", text: roleText, wide: true },
      { title: "VERSION", text: ({ version }) => version, wide: true },
    ],
  };
}

function roleText({ id, enforceRole }: GroupTree): string {
  if (enforceRole === undefined) return "";
  return enforceRole ? `${id.slice(1)}, enforced` : "free";
}

export function groupDetails(group: GroupTree): Details {
  const members = [
    ...group.apps.map(({ id, instances }) => ({ id, kind: "app", size: counted(instances, "instance") })),
    ...group.pods.map(({ id, scaling }) => ({ id, kind: "pod", size: counted(scaling.instances, "instance") })),
    ...group.groups.map(({ id, apps, pods }) => ({
      id,
      kind: "group",
      size: counted(apps.length + pods.length, "service"),
    })),
  ];
  const listing: Listing<(typeof members)[number]> = {
    items: members,
    name: ({ id }) => id,
    none: "",
    columns: [
      { title: "ID", text: ({ id }) => id },
      { title: "KIND", text: ({ kind }) => kind },
      { title: "SIZE", text: ({ size }) => size },
    ],
  };
  return {
    item: group,
    name: group.id,
    lines: [
      ["Group", group.id, "strong"],
      ["Depends on", group.dependencies.join(", ")],
      ["Role", roleText(group)],
      ["Version", group.version],
    ],
    parts: [part("In it", listing)],
  };
}
