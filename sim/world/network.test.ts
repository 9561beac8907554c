import { expect, it } from "vitest";
import { Network } from "./network.ts";
import { World } from "./world.ts";

it("whom a machine has served that lost its power learns of it when he says something, and not before", async () => {
  const world = new World(1);
  const network = new Network(world);
  const [client] = network.connect("a1", "master");
  let isOver = false;
  client.onClose = () => (isOver = true);
  network.darken("master");
  network.lighten("master");
  await world.run(60_000);
  expect(isOver).toBe(false);
  client.send({ kind: "standby-watch" });
  await world.run(1_000);
  expect([isOver, network.connections]).toEqual([true, 0]);
});

it("who has lost his own power is missed by whom he had asked as soon as he is back", async () => {
  const world = new World(1);
  const network = new Network(world);
  const [, server] = network.connect("a1", "master");
  let isOver = false;
  server.onClose = () => (isOver = true);
  network.darken("a1");
  network.lighten("a1");
  await world.run(1_000);
  expect([isOver, network.connections]).toEqual([true, 0]);
});
