import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { flattenResources } from "@meseta/api/mesos/resources/flatten.ts";
import { parseResources } from "@meseta/api/mesos/resources/parse.ts";
import { expect, test } from "vitest";
import { flat } from "./flat.ts";

test.each([
  "",
  "cpus:1",
  "cpus:0.1;mem:64;disk:10;gpus:1;ports:[31000-31001,31005-31006]",
  "cpus:1;cpus(web):2;ports:[1-2];ports(web):[3-4]",
  "cpus:1;widgets:3;colours:{red,blue}",
  "things:[1-2]",
])("the quick way says of %j what the long way says", (text) => {
  const resources = parseResources(text) as Resource[];
  expect(flat(resources)).toEqual(flattenResources(resources));
  const revocable = resources.map((resource) => ({ ...resource, revocable: {} }));
  expect(flat([...resources, ...revocable])).toEqual(flattenResources([...resources, ...revocable]));
});
