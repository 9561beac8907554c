import packageFile from "./package.json" with { type: "json" };

/** Which release of Meseta this is. */
export const RELEASE = packageFile.version;
