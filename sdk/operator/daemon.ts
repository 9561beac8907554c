import type { Call, Response, ResponseReadFile } from "@meseta/api/mesos/generated/agent.ts";
import type * as master from "@meseta/api/mesos/generated/master.ts";
import type {
  DurationInfo,
  FileInfo,
  Flag,
  Metric,
  Operation,
  VersionInfo,
} from "@meseta/api/mesos/generated/mesos.ts";
import type { WireType, WireTypes } from "@meseta/api/mesos/generated/wire-types.ts";
import { type Asker, ask } from "./ask.ts";

/** Calls that masters and agents know alike. */
type SharedCall = Call & master.Call;
type SharedResponse = Pick<
  Response,
  | "get_health"
  | "get_flags"
  | "get_version"
  | "get_metrics"
  | "get_logging_level"
  | "list_files"
  | "read_file"
  | "get_operations"
>;

/**
 * What the Operator APIs of masters and agents have in common. Answers come without their wrapping, lists never undefined. All
 * reject with CallRefused when the call is refused, and with Unreachable when nobody answers.
 */
export abstract class DaemonClient<C extends WireType, R extends WireType> {
  protected readonly asker: Asker<C, R>;

  constructor(asker: Asker<C, R>) {
    this.asker = asker;
  }

  /** Any call, with its whole answer. */
  call(call: WireTypes[C] & { readonly type?: string | undefined }): Promise<WireTypes[R]> {
    return ask(this.asker, call);
  }

  close(): void {
    this.asker.transport.close();
  }

  async getHealth(): Promise<boolean> {
    return (await this.#shared({ type: "GET_HEALTH" })).get_health?.healthy ?? false;
  }

  async getFlags(): Promise<Flag[]> {
    return (await this.#shared({ type: "GET_FLAGS" })).get_flags?.flags ?? [];
  }

  async getVersion(): Promise<VersionInfo> {
    return (await this.#shared({ type: "GET_VERSION" })).get_version!.version_info;
  }

  async getMetrics(timeout?: DurationInfo): Promise<Metric[]> {
    const call: SharedCall = { type: "GET_METRICS", get_metrics: { timeout } };
    return (await this.#shared(call)).get_metrics?.metrics ?? [];
  }

  async getLoggingLevel(): Promise<number> {
    return (await this.#shared({ type: "GET_LOGGING_LEVEL" })).get_logging_level!.level;
  }

  /** 0 (usual) to 3, for so long. */
  async setLoggingLevel(level: number, duration: DurationInfo): Promise<void> {
    await this.#shared({ type: "SET_LOGGING_LEVEL", set_logging_level: { level, duration } });
  }

  async listFiles(path: string): Promise<FileInfo[]> {
    return (await this.#shared({ type: "LIST_FILES", list_files: { path } })).list_files?.file_infos ?? [];
  }

  /** Bytes from an offset, in base64, with the whole file's size. */
  async readFile(path: string, offset: number, length?: number): Promise<ResponseReadFile> {
    return (await this.#shared({ type: "READ_FILE", read_file: { path, offset, length } })).read_file!;
  }

  async getOperations(): Promise<Operation[]> {
    return (await this.#shared({ type: "GET_OPERATIONS" })).get_operations?.operations ?? [];
  }

  #shared(call: SharedCall): Promise<SharedResponse> {
    return this.call(call as WireTypes[C]) as Promise<SharedResponse>;
  }
}
