import { assert } from "@meseta/lib/core/assert.ts";
import { comesBefore, type Keys, shareOf } from "./shares.ts";
import { clearRow, createRows, ensureRow, type Rows, type Space } from "./space.ts";

/**
 * The tree that orders who is served. Roles split at `/`; each role with frameworks has a leaf `.` that competes with its sub-roles, and the
 * frameworks are the leaf's children (a framework in a role is a *client*). Only children with an active client below stand in the order.
 * What a client is allocated counts for all nodes above it, so a/b and a/c compete with others together, as a.
 *
 * An allocation only marks the nodes on its path stale; `settle` puts them in order again. So the order stands still while one agent is
 * divided, as it does in Mesos, and many changes between two runs cost one sort.
 */
export interface Tree extends Keys {
  readonly space: Space;
  /** One row: the scalars of all agents. */
  readonly total: Rows;
  /** The same, without what fairness does not look at. */
  readonly divisor: Rows;
  readonly excluded: ReadonlySet<string>;
  readonly allocated: Rows;
  readonly parent: number[];
  readonly depth: number[];
  readonly weight: number[];
  /** How often the node was given something; `count` is what this was when the node was last put in order. */
  readonly given: number[];
  readonly kids: Kids[];
  readonly inOrder: boolean[];
  /** How many clients below are in the masks of the same name, so that a walk can pass by what holds none of them. */
  readonly open: number[];
  readonly unmet: number[];
  readonly stale: boolean[];
  readonly staleNodes: number[];
  totalChanged: boolean;
  readonly roles: Map<string, number>;
  readonly weights: Map<string, number>;
  readonly unused: number[];
}

export interface Kids {
  /** The active children; the first `length` of them, in order. */
  order: Int32Array;
  length: number;
  /** All children, active or not. */
  members: number;
  /** How many wait to be put in their place. */
  stale: number;
}

export const ROOT = 0;

export function createTree(space: Space, excluded: readonly string[]): Tree {
  const tree: Tree = {
    space,
    total: createRows(space),
    divisor: createRows(space),
    excluded: new Set(excluded),
    allocated: createRows(space),
    parent: [],
    depth: [],
    path: [],
    weight: [],
    share: [],
    count: [],
    given: [],
    kids: [],
    inOrder: [],
    open: [],
    unmet: [],
    stale: [],
    staleNodes: [],
    totalChanged: false,
    roles: new Map(),
    weights: new Map(),
    unused: [],
  };
  addNode(tree, -1, "");
  return tree;
}

/** The leaf of a role, made with all that it hangs from if need be. */
export function enterRole(tree: Tree, role: string): number {
  const known = tree.roles.get(`${role}/.`);
  if (known !== undefined) return known;
  let node = ROOT;
  for (let end = role.indexOf("/"); ; end = role.indexOf("/", end + 1)) {
    const path = end < 0 ? role : role.slice(0, end);
    node = tree.roles.get(path) ?? addRole(tree, node, path);
    if (end < 0) return addRole(tree, node, `${role}/.`);
  }
}

/** A framework in the leaf's role; inactive at first. */
export function addClient(tree: Tree, leaf: number, frameworkId: string): number {
  return addNode(tree, leaf, frameworkId);
}

/** The client must be inactive and hold nothing. Roles that are left without children go too. */
export function removeClient(tree: Tree, client: number): void {
  let parent = tree.parent[client]!;
  removeNode(tree, client);
  while (parent !== ROOT && tree.kids[parent]!.members === 0) {
    const above = tree.parent[parent]!;
    tree.roles.delete(tree.path[parent]!);
    removeNode(tree, parent);
    parent = above;
  }
}

/** Puts the client, and the roles above it, in the order. */
export function activate(tree: Tree, client: number): void {
  for (let node = client; node !== ROOT; node = tree.parent[node]!) {
    const parent = tree.parent[node]!;
    insert(tree, parent, node);
    if (tree.inOrder[parent]) return;
  }
}

export function deactivate(tree: Tree, client: number): void {
  for (let node = client; node !== ROOT; node = tree.parent[node]!) {
    const parent = tree.parent[node]!;
    takeOut(tree, parent, node);
    if (tree.kids[parent]!.length > 0) return;
  }
}

/** Adds (sign 1) or takes away (-1) a row for the client and all above it. `chosen` counts it as an allocation. */
export function account(tree: Tree, client: number, row: ArrayLike<number>, sign: 1 | -1, chosen: boolean): void {
  const { width, names } = tree.space;
  const { data } = tree.allocated;
  for (let node = client; node >= 0; node = tree.parent[node]!) {
    const from = node * width;
    for (let column = 0; column < names.length; column++) data[from + column]! += sign * row[column]!;
    if (chosen) tree.given[node]!++;
    markStale(tree, node);
  }
}

/** One client more or less below, for `open` or `unmet`. */
export function countBelow(tree: Tree, below: number[], client: number, change: 1 | -1): void {
  for (let node = client; node >= 0; node = tree.parent[node]!) below[node]! += change;
}

/** The agents' scalars changed by so much. */
export function accountTotal(tree: Tree, row: ArrayLike<number>, sign: 1 | -1): void {
  const { names } = tree.space;
  const total = tree.total.data;
  for (let column = 0; column < names.length; column++) {
    total[column]! += sign * row[column]!;
    tree.divisor.data[column] = tree.excluded.has(names[column]!) ? 0 : total[column]!;
  }
  tree.totalChanged = true;
}

export function setWeight(tree: Tree, role: string, weight: number): void {
  if (weight === 1) tree.weights.delete(role);
  else tree.weights.set(role, weight);
  const node = tree.roles.get(role);
  if (node === undefined) return;
  tree.weight[node] = weight;
  markStale(tree, node);
}

/** Puts all that changed in its place again. */
export function settle(tree: Tree): void {
  if (tree.totalChanged) return settleAll(tree);
  const { staleNodes } = tree;
  if (staleNodes.length === 0) return;
  for (const node of staleNodes) if (tree.inOrder[node]) tree.kids[tree.parent[node]!]!.stale++;
  for (const node of staleNodes) if (tree.stale[node]) settleNode(tree, node);
  staleNodes.length = 0;
}

/** The node's dominant share as it is now. */
export function currentShare(tree: Tree, node: number): number {
  return shareOf(tree.space, tree.allocated, node, tree.divisor, tree.weight[node]!);
}

/** Whether `a` is served before `b`; both stand in the order. */
export function servedBefore(tree: Tree, a: number, b: number): boolean {
  let left = a;
  let right = b;
  for (let steps = tree.depth[a]! - tree.depth[b]!; steps > 0; steps--) left = tree.parent[left]!;
  for (let steps = tree.depth[b]! - tree.depth[a]!; steps > 0; steps--) right = tree.parent[right]!;
  while (tree.parent[left] !== tree.parent[right]) {
    left = tree.parent[left]!;
    right = tree.parent[right]!;
  }
  return comesBefore(tree, left, right);
}

// When an eighth of the children moved, sorting all is cheaper than moving each. The keys of the others are untouched, so that each can still be found.
function settleNode(tree: Tree, node: number): void {
  tree.stale[node] = false;
  if (!tree.inOrder[node]) return;
  const kids = tree.kids[tree.parent[node]!]!;
  if (kids.stale * 8 > kids.length && kids.length > 8) resort(tree, kids);
  else move(tree, kids, node);
  kids.stale = 0;
}

function settleAll(tree: Tree): void {
  for (const kids of tree.kids) {
    if (kids.length > 0) resort(tree, kids);
    kids.stale = 0;
  }
  for (const node of tree.staleNodes) tree.stale[node] = false;
  tree.staleNodes.length = 0;
  tree.totalChanged = false;
}

function refresh(tree: Tree, node: number): void {
  tree.share[node] = currentShare(tree, node);
  tree.count[node] = tree.given[node]!;
}

function resort(tree: Tree, kids: Kids): void {
  const { order, length } = kids;
  for (let i = 0; i < length; i++) {
    refresh(tree, order[i]!);
    tree.stale[order[i]!] = false;
  }
  if (!mend(tree, order, length)) order.subarray(0, length).sort((a, b) => (comesBefore(tree, a, b) ? -1 : 1));
}

// A new agent hardly changes the order, so insertion is tried first, with a bound on the steps; false when there is too much to mend.
function mend(tree: Tree, order: Int32Array, length: number): boolean {
  let steps = 4 * length;
  for (let i = 1; i < length; i++) {
    const node = order[i]!;
    let hole = i;
    for (; hole > 0 && comesBefore(tree, node, order[hole - 1]!); hole--, steps--) order[hole] = order[hole - 1]!;
    order[hole] = node;
    if (steps < 0) return false;
  }
  return true;
}

// Shares mostly change by a place or two at the ends; the rest is one copyWithin.
function move(tree: Tree, kids: Kids, node: number): void {
  const { order, length } = kids;
  // Mostly it is the first, because the first is served.
  const from = order[0] === node ? 0 : placeOf(tree, order, length, node);
  assert(order[from] === node, "a node is where its keys say");
  refresh(tree, node);
  if (from + 1 < length && comesBefore(tree, order[from + 1]!, node)) {
    const to = placeOf(tree, order, length, node, from + 1) - 1;
    order.copyWithin(from, from + 1, to + 1);
    order[to] = node;
  } else if (from > 0 && comesBefore(tree, node, order[from - 1]!)) {
    const to = placeOf(tree, order, from, node);
    order.copyWithin(to + 1, to, from);
    order[to] = node;
  }
}

/** How many of `order[low..length)` come before the node, counted from 0. */
function placeOf(tree: Tree, order: Int32Array, length: number, node: number, low = 0): number {
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (comesBefore(tree, order[middle]!, node)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function insert(tree: Tree, parent: number, node: number): void {
  const kids = tree.kids[parent]!;
  refresh(tree, node);
  if (kids.length === kids.order.length) {
    const order = new Int32Array(Math.max(4, 2 * kids.length));
    order.set(kids.order);
    kids.order = order;
  }
  const at = placeOf(tree, kids.order, kids.length, node);
  kids.order.copyWithin(at + 1, at, kids.length);
  kids.order[at] = node;
  kids.length++;
  tree.inOrder[node] = true;
}

function takeOut(tree: Tree, parent: number, node: number): void {
  const kids = tree.kids[parent]!;
  const at = placeOf(tree, kids.order, kids.length, node);
  assert(kids.order[at] === node, "an active node is where its keys say");
  kids.order.copyWithin(at, at + 1, kids.length);
  kids.length--;
  tree.inOrder[node] = false;
}

function markStale(tree: Tree, node: number): void {
  if (tree.stale[node] || node === ROOT) return;
  tree.stale[node] = true;
  tree.staleNodes.push(node);
}

function addRole(tree: Tree, parent: number, path: string): number {
  const node = addNode(tree, parent, path);
  tree.weight[node] = tree.weights.get(path) ?? 1;
  tree.roles.set(path, node);
  return node;
}

function addNode(tree: Tree, parent: number, path: string): number {
  const node = tree.unused.pop() ?? tree.parent.length;
  ensureRow(tree.space, tree.allocated, node);
  clearRow(tree.space, tree.allocated, node);
  tree.parent[node] = parent;
  tree.depth[node] = parent < 0 ? 0 : tree.depth[parent]! + 1;
  tree.path[node] = path;
  tree.weight[node] = 1;
  tree.share[node] = 0;
  tree.count[node] = 0;
  tree.given[node] = 0;
  tree.kids[node] = { order: NO_KIDS, length: 0, members: 0, stale: 0 };
  tree.inOrder[node] = false;
  tree.open[node] = 0;
  tree.unmet[node] = 0;
  tree.stale[node] = false;
  if (parent >= 0) tree.kids[parent]!.members++;
  return node;
}

function removeNode(tree: Tree, node: number): void {
  assert(!tree.inOrder[node], "only inactive nodes are removed");
  tree.kids[tree.parent[node]!]!.members--;
  tree.stale[node] = false;
  tree.unused.push(node);
}

const NO_KIDS = new Int32Array(0);
