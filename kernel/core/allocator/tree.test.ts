import fc from "fast-check";
import { expect, test } from "vitest";
import { createSpace, rowOf } from "./space.ts";
import {
  account,
  accountTotal,
  activate,
  addClient,
  createTree,
  currentShare,
  deactivate,
  enterRole,
  ROOT,
  removeClient,
  servedBefore,
  settle,
  setWeight,
  type Tree,
} from "./tree.ts";

const ROLES = ["a", "a/b", "a/b/c", "d", "e/f"];

function emptyTree(): Tree {
  const tree = createTree(createSpace(), []);
  accountTotal(tree, rowOf(tree.space, { cpus: 100, mem: 1000 }), 1);
  return tree;
}

/** The clients in the order in which they are served. */
function walk(tree: Tree, node = ROOT): number[] {
  const { order, length } = tree.kids[node]!;
  if (length === 0) return node === ROOT ? [] : [node];
  return [...order.subarray(0, length)].flatMap((kid) => walk(tree, kid));
}

function isSorted(tree: Tree, node: number): boolean {
  const kids = [...tree.kids[node]!.order.subarray(0, tree.kids[node]!.length)];
  const key = (kid: number) => [currentShare(tree, kid), tree.given[kid]!, tree.path[kid]!] as const;
  return kids.every((kid, i) => {
    if (i === 0) return true;
    const [before, now] = [key(kids[i - 1]!), key(kid)];
    const at = before.findIndex((part, j) => part !== now[j]);
    return at >= 0 && before[at]! < now[at]!;
  });
}

test("after any changes each level is in order, has exactly the children with active clients below, and comparing agrees with walking", () => {
  const step = fc.record({
    what: fc.constantFrom(
      "add",
      "add",
      "give",
      "give",
      "give",
      "take",
      "on",
      "off",
      "remove",
      "weight",
      "total",
      "settle",
    ),
    who: fc.noBias(fc.nat(99)),
    cpus: fc.integer({ min: 0, max: 9 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 250, size: "max" }), (steps) => {
      const tree = emptyTree();
      let names = 0;
      const clients: { node: number; held: Float64Array; active: boolean }[] = [];
      for (const { what, who, cpus } of steps) {
        const client = clients[who % Math.max(1, clients.length)];
        const row = rowOf(tree.space, { cpus, mem: cpus * 7 });
        if (what === "add") {
          const node = addClient(tree, enterRole(tree, ROLES[who % ROLES.length]!), `f${who}-${names++}`);
          clients.push({ node, held: rowOf(tree.space, {}), active: true });
          activate(tree, node);
        } else if (what === "weight") setWeight(tree, ROLES[who % ROLES.length]!, cpus + 1);
        else if (what === "total") accountTotal(tree, row, 1);
        else if (what === "settle") settle(tree);
        else if (client !== undefined) {
          if (what === "give") {
            account(tree, client.node, row, 1, cpus % 2 === 0);
            client.held = client.held.map((milli, column) => milli + row[column]!);
          } else if (what === "take" || what === "remove") {
            account(tree, client.node, client.held, -1, false);
            client.held.fill(0);
          }
          if (what === "on" && !client.active) activate(tree, client.node);
          if ((what === "off" || what === "remove") && client.active) deactivate(tree, client.node);
          if (what === "on") client.active = true;
          if (what === "off" || what === "remove") client.active = false;
          if (what === "remove") {
            removeClient(tree, client.node);
            clients.splice(clients.indexOf(client), 1);
          }
        }
      }
      settle(tree);
      for (let node = 0; node < tree.kids.length; node++) expect(isSorted(tree, node)).toBe(true);
      const served = walk(tree);
      expect([...served].sort()).toEqual(
        clients
          .filter(({ active }) => active)
          .map(({ node }) => node)
          .sort(),
      );
      for (let i = 1; i < served.length; i++) {
        expect(servedBefore(tree, served[i - 1]!, served[i]!)).toBe(true);
        expect(servedBefore(tree, served[i]!, served[i - 1]!)).toBe(false);
      }
    }),
  );
});

test("roles without clients are forgotten", () => {
  const tree = emptyTree();
  const client = addClient(tree, enterRole(tree, "a/b/c"), "f");
  expect([...tree.roles.keys()]).toEqual(["a", "a/b", "a/b/c", "a/b/c/."]);
  removeClient(tree, client);
  expect(tree.roles.size).toBe(0);
});
