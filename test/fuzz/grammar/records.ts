import { messageOf } from "@meseta/api/mesos/codec/schema.ts";
import type { Random } from "@meseta/lib/core/random.ts";
import type { Asking } from "../step.ts";
import { drawOddity, ODD_TYPES } from "./asking.ts";
import { bend } from "./bytes.ts";
import { printJson } from "./json.ts";
import { once, pick } from "./odd.ts";
import { printProtobuf } from "./protobuf.ts";
import { drawCall, drawMessage, type Known } from "./wire.ts";

/** A POST of a stream of records: ATTACH_CONTAINER_INPUT as it should be, or with lengths that are none. */
export function drawRecords(type: string, target: string, random: Random, known: Known): Asking {
  const oddity = drawOddity(random);
  const isJson = once(random, 2);
  const records = Array.from({ length: 1 + random.below(4) }, (_, at) => {
    const call = drawInput(type, at === 0, random, known, oddity);
    const bytes = isJson ? Buffer.from(printJson(call, random, oddity)) : printProtobuf(type, call, random, oddity);
    return Buffer.concat([Buffer.from(lengthOf(bytes, random, oddity)), bytes]);
  });
  const whole = Buffer.concat(records);
  const body = oddity > 0 && once(random, 3) ? bend(whole, random) : whole;
  const messageType = isJson ? "application/json" : "application/x-protobuf";
  const headers = {
    "content-type": "application/recordio",
    ...(!once(random, 20) && { "message-content-type": once(random, 20) ? pick(random, ODD_TYPES) : messageType }),
    accept: "application/json",
  };
  return { do: "ask", method: "POST", target, headers, body };
}

function drawInput(type: string, isFirst: boolean, random: Random, known: Known, oddity: number): object {
  const how = { random, known, oddity };
  if (once(random, 8)) return drawCall(type, how).call;
  const part = isFirst
    ? { type: "CONTAINER_ID", container_id: pick(random, known["mesos.v1.ContainerID"]!) }
    : { type: "PROCESS_IO", process_io: drawMessage(messageOf("mesos.v1.agent.ProcessIO"), 3, how) };
  return { type: "ATTACH_CONTAINER_INPUT", attach_container_input: part };
}

function lengthOf(bytes: Uint8Array, random: Random, oddity: number): string {
  if (oddity === 0 || !once(random, oddity)) return `${bytes.length}\n`;
  return pick(random, ODD_LENGTHS).replace("N", String(bytes.length));
}

const ODD_LENGTHS = [
  "",
  "\n",
  "0\n",
  "-1\n",
  "+N\n",
  " N\n",
  "N\r\n",
  "0x10\n",
  "1e3\n",
  "99999999999\n",
  "4294967296\n",
  "9999999999\n",
  "NN\n",
  "N",
  "0000000N\n",
  "1048577\n",
];
