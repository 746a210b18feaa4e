/** Tests against mesh-local: AWS's services on this machine, with a universe for each test. */

export { Clock } from "./clock.js";
export { MeshError, NotStarted, Refused, Unsettled, WaitedInVain } from "./errors.js";
export { Fault, Faults } from "./faults.js";
export { Mesh } from "./mesh.js";
export { Universe } from "./universe.js";

/** @typedef {import("./faults.js").Rule} Rule */
/** @typedef {import("./faults.js").ToldRule} ToldRule */
/** @typedef {import("./times.js").Moment} Moment */
/** @typedef {import("./times.js").Span} Span */
/** @typedef {import("./universe.js").Advanced} Advanced */
/** @typedef {import("./universe.js").TestContext} TestContext */
