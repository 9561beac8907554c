/** The version of the Mesos API that we speak: what VERSION, MasterInfo and AgentInfo tell clients, which compare it. */
export const MESOS_VERSION = "1.12.0";

/** The version of Marathon whose API init speaks: what /v2/info tells clients. */
export const MARATHON_VERSION = "1.11.0";

/** The version of Metronome whose API cron speaks: what /info tells clients. */
export const METRONOME_VERSION = "0.6.0";
