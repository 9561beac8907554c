import type { ResponseGetMaster } from "@meseta/api/mesos/generated/master.ts";
import type { Flag, VersionInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { MasterState } from "../state.ts";
import { seconds } from "./instants.ts";

/** GET_MASTER. */
export function viewMaster(state: MasterState): ResponseGetMaster {
  return { master_info: state.info, start_time: seconds(state.startMs), elected_time: seconds(state.startMs) };
}

/** GET_FLAGS. */
export function viewFlags(state: MasterState): Flag[] {
  return Object.entries(state.config.flags).map(([name, value]) => ({ name, value }));
}

/** GET_VERSION and /version. Nothing is built: the date is that of the release. */
export function viewVersion(state: MasterState): VersionInfo {
  return {
    version: state.config.version,
    build_date: "2026-11-21 00:00:00 UTC",
    build_time: 1795219200,
    build_user: "",
  };
}

/** The master in the words of /state. */
export function viewLeader({ info }: MasterState): object {
  return { id: info.id, pid: info.pid, port: info.port, hostname: info.hostname, domain: info.domain };
}
