import type { People } from "./people.ts";

/** What happens again and again during a time: people who ask for something, or something that goes wrong. */
export interface Act {
  readonly fromS: number;
  readonly untilS: number;
  readonly everyS: number;
  readonly does: keyof People & ("addApp" | "addPod" | "addGroup" | "update" | "scale" | "destroy");
}

export type Trouble = "halves" | "abdicate";

export interface Nemesis {
  readonly kind: Trouble;
  readonly fromS: number;
  readonly untilS: number;
  readonly everyS: number;
  /** How long it goes on each time. */
  readonly forS: number;
}

export interface JepsenTest {
  readonly name: string;
  readonly seconds: number;
  readonly acts: readonly Act[];
  readonly troubles: readonly Nemesis[];
}

const ADD_S = 200;

/** Cut in halves for 20 s after each 50 s of calm. */
const halves = (fromS: number, untilS: number): Nemesis => ({
  kind: "halves",
  fromS: fromS + 50,
  untilS,
  everyS: 70,
  forS: 20,
});
/** What people do at once is followed by 10 s in halves. */
const shortHalves: Nemesis = { kind: "halves", fromS: 45, untilS: 300, everyS: 55, forS: 10 };
const abdications: Nemesis = { kind: "abdicate", fromS: 20, untilS: ADD_S, everyS: 20, forS: 2 };

/** Marathon's own tests with Jepsen, by their times: something about every ten seconds, and a minute without faults in the end. Source: tests/jepsen of mesosphere/marathon. */
export const JEPSEN_TESTS: readonly JepsenTest[] = [
  {
    name: "app-instance",
    seconds: 260,
    acts: [adds("addApp", 100), { does: "update", fromS: 100, untilS: 180, everyS: 10 }],
    troubles: [halves(0, 180)],
  },
  { name: "basic-app", seconds: ADD_S, acts: [adds("addApp", ADD_S)], troubles: [halves(0, ADD_S)] },
  { name: "basic-pod", seconds: ADD_S, acts: [adds("addPod", ADD_S)], troubles: [halves(0, ADD_S)] },
  {
    name: "destroy-app",
    seconds: 300,
    acts: [adds("addApp", 300), { does: "destroy", fromS: 25, untilS: 300, everyS: 55 }],
    troubles: [shortHalves],
  },
  {
    name: "groups-dependencies",
    seconds: ADD_S,
    acts: [adds("addGroup", ADD_S)],
    troubles: [halves(0, ADD_S), abdications],
  },
  { name: "leader-abdication", seconds: ADD_S, acts: [adds("addApp", ADD_S)], troubles: [abdications] },
  {
    name: "scale",
    seconds: 300,
    acts: [adds("addApp", 300), { does: "scale", fromS: 25, untilS: 300, everyS: 55 }],
    troubles: [shortHalves],
  },
];

function adds(does: Act["does"], untilS: number): Act {
  return { does, fromS: 3, untilS, everyS: 10 };
}
