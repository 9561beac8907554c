// What a file of the network configuration says (CNI specification 0.1.0 to 1.0.0). Pure: text in, a network or a complaint out.

/** One network: its plugins in the order in which they are added. */
export interface NetworkConfig {
  readonly name: string;
  readonly cniVersion: string;
  readonly plugins: readonly PluginConfig[];
  /** Of the built-in network: the bridge that all agents of the machine share, its addresses, and the folder where they agree about it. */
  readonly shared?: { readonly folder: string; readonly bridge: string; readonly range: string };
}

/** As it stands in the file; a plugin is given all of it. */
export type PluginConfig = Readonly<Record<string, unknown>> & { readonly type: string };

const defaultVersion = "0.2.0";
const portMapper = "mesos-cni-port-mapper";
const nameForm = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/;
const typeForm = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/;
const versionForm = /^\d{1,3}\.\d{1,3}\.\d{1,3}$/;
const delegateDepth = 8;

/** A network of a .conf (one plugin), .conflist (several) or .json (either). Throws an Error that says what is wrong with it. */
export function parseNetwork(text: string): NetworkConfig {
  const file = recordOf(parseJson(text), "it");
  const { name, cniVersion = defaultVersion, plugins } = file;
  if (typeof name !== "string" || !nameForm.test(name))
    throw new Error(`"name" must be letters, digits, "_", "." and "-", and is ${shown(name)}`);
  if (typeof cniVersion !== "string" || !versionForm.test(cniVersion))
    throw new Error(`"cniVersion" must be like "0.4.0", and is ${shown(cniVersion)}`);
  if (file["type"] === portMapper) return { name, cniVersion, plugins: mappedPlugins(file) };
  if (plugins === undefined) return { name, cniVersion, plugins: [pluginOf(file, "it")] };
  if (!Array.isArray(plugins) || plugins.length === 0)
    throw new Error('"plugins" must be a list of at least one plugin');
  return { name, cniVersion, plugins: plugins.map((plugin, at) => pluginOf(plugin, `plugin ${at + 1}`)) };
}

// The plugin that comes with Mesos maps ports after its delegate has made the network: so does the common one.
function mappedPlugins({ delegate }: Readonly<Record<string, unknown>>): PluginConfig[] {
  const portmap = { type: "portmap", snat: true, capabilities: { portMappings: true } };
  return [pluginOf(delegate, '"delegate" of it'), portmap];
}

// A type is the name of a program: one that leads out of the folder of plugins would run anything as root.
function pluginOf(value: unknown, where: string, depth = 0): PluginConfig {
  const plugin = recordOf(value, where);
  const { type, ipam, delegate } = plugin;
  if (typeof type !== "string" || !typeForm.test(type) || type.includes(".."))
    throw new Error(`"type" of ${where} must be the name of a file in the folder of plugins, and is ${shown(type)}`);
  if (depth > delegateDepth) throw new Error(`${where} is nested too deeply`);
  if (isNamed(ipam)) pluginOf(ipam, `"ipam" of ${where}`, depth + 1);
  if (delegate !== undefined) pluginOf(delegate, `"delegate" of ${where}`, depth + 1);
  return plugin as PluginConfig;
}

// An empty `ipam` means none.
const isNamed = (ipam: unknown) => ipam !== undefined && !(ipam && typeof ipam === "object" && !("type" in ipam));

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`it is not JSON: ${(error as Error).message}`);
  }
}

function recordOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (value && typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Error(`${what} must be an object`);
}

const shown = (value: unknown) => (value === undefined ? "missing" : JSON.stringify(value).slice(0, 80));
