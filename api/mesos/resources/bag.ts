import type { Resource } from "../generated/mesos.ts";
import { identityKey, isIndivisible, sameIdentity } from "./identity.ts";
import { addValue, containsValue, equalValue, isNothing, subtractValue } from "./value.ts";

/**
 * A bag of resources is a plain list in the post-refinement format. Resources of one identity are one entry with the sum as its value; an indivisible
 * resource (MOUNT disk, persistent volume) is an entry of its own, and a shared one is as many equal entries as it has users.
 * Nothing here changes its arguments. Scalars are thousandths (scalar.ts). The rules are those of Mesos' src/common/resources.cpp.
 */
export type Bag = readonly Resource[];

/** All of both. */
export function add(a: Bag, b: Bag): Resource[] {
  const out = asBag(a).slice();
  putAll(out, b, b.length > FEW);
  return out;
}

/** `a` without what is in `b`. What `a` does not have is not missed, so nothing goes below zero; of an indivisible resource only the whole is taken. */
export function subtract(a: Bag, b: Bag): Resource[] {
  const out = asBag(a).slice();
  const find = finder(out, b.length);
  for (const resource of asBag(b)) {
    const at = find(resource);
    if (at >= 0) out[at] = subtractValue(out[at]!, resource);
  }
  return out.filter((resource) => !isNothing(resource));
}

/** Whether all of `b` is in `a`. */
export function contains(a: Bag, b: Bag): boolean {
  const whole = asBag(a);
  const part = asBag(b);
  const find = finder(whole, part.length);
  for (const resource of part) {
    const at = find(resource);
    if (at < 0 || !containsValue(whole[at]!, resource)) return false;
    if (isIndivisible(resource) && count(whole, resource) < count(part, resource)) return false;
  }
  return true;
}

/** All of all. */
export function sum(bags: Iterable<Bag>): Resource[] {
  const out: Resource[] = [];
  putAll(out, each(bags), true);
  return out;
}

/** Whether there is nothing in it. */
export function isEmpty(bag: Bag): boolean {
  return bag.every(isNothing);
}

/** Whether both hold the same, in whatever order. */
export function equal(a: Bag, b: Bag): boolean {
  const left = asBag(a);
  const right = asBag(b);
  return left.length === right.length && contains(left, right) && contains(right, left);
}

/** What is in both, entry by entry where they are of one identity; of an indivisible resource the whole or nothing. */
export function intersect(a: Bag, b: Bag): Resource[] {
  return subtract(a, subtract(a, b));
}

/** Any list as a bag: equal identities merged, empty entries dropped. Returns the list itself when it is a bag already. */
export function asBag(resources: Bag): Bag {
  return isBag(resources) ? resources : sum([resources]);
}

/** Whether two resources are the same thing in the same amount. */
export function sameResource(a: Resource, b: Resource): boolean {
  return a === b || (sameIdentity(a, b) && equalValue(a, b));
}

// Up to this many entries, walking the list is faster than making a key for each.
const FEW = 12;

type Find = (resource: Resource) => number;

/** Where in `bag` a resource can be taken from: the entry of its identity, or, when it is indivisible, an equal one; -1 when nowhere. */
function finder(bag: Bag, searches: number): Find {
  if (bag.length <= FEW || searches <= FEW) return (resource) => indexOf(bag, resource);
  const places = new Map<string, number[]>();
  bag.forEach((resource, at) => {
    const key = identityKey(resource);
    const known = places.get(key);
    if (known === undefined) places.set(key, [at]);
    else known.push(at);
  });
  return (resource) => places.get(identityKey(resource))?.find((at) => fits(bag[at]!, resource)) ?? -1;
}

function indexOf(bag: Bag, resource: Resource): number {
  for (let at = 0; at < bag.length; at++) if (sameIdentity(bag[at]!, resource) && fits(bag[at]!, resource)) return at;
  return -1;
}

function fits(entry: Resource, resource: Resource): boolean {
  return !isIndivisible(resource) || equalValue(entry, resource);
}

function putAll(out: Resource[], resources: Iterable<Resource>, many: boolean): void {
  let places: Map<string, number> | undefined;
  for (const resource of resources) {
    if (isNothing(resource)) continue;
    if (many && places === undefined && out.length > FEW) places = placesOf(out);
    put(out, resource, places);
  }
}

function put(out: Resource[], resource: Resource, places: Map<string, number> | undefined): void {
  if (isIndivisible(resource)) {
    out.push(resource);
    return;
  }
  const at = places === undefined ? indexOf(out, resource) : (places.get(identityKey(resource)) ?? -1);
  if (at >= 0) {
    out[at] = addValue(out[at]!, resource);
    return;
  }
  places?.set(identityKey(resource), out.length);
  out.push(resource);
}

function placesOf(bag: Bag): Map<string, number> {
  const places = new Map<string, number>();
  bag.forEach((resource, at) => {
    if (!isIndivisible(resource)) places.set(identityKey(resource), at);
  });
  return places;
}

function* each(bags: Iterable<Bag>): Generator<Resource> {
  for (const bag of bags) yield* bag;
}

function count(bag: Bag, resource: Resource): number {
  return bag.reduce((n, other) => (sameResource(other, resource) ? n + 1 : n), 0);
}

function isBag(resources: Bag): boolean {
  if (resources.some(isNothing)) return false;
  return resources.length > FEW ? !hasTwinKeys(resources) : !hasTwins(resources);
}

function hasTwins(resources: Bag): boolean {
  for (let i = 1; i < resources.length; i++) {
    for (let j = 0; j < i; j++)
      if (sameIdentity(resources[i]!, resources[j]!) && !isIndivisible(resources[i]!)) return true;
  }
  return false;
}

function hasTwinKeys(resources: Bag): boolean {
  const divisible = resources.filter((resource) => !isIndivisible(resource));
  return new Set(divisible.map(identityKey)).size < divisible.length;
}
