/** The version of the Mesos API that we speak: what VERSION, MasterInfo and AgentInfo tell clients, which compare it. */
export const MESOS_VERSION = "1.12.0";
