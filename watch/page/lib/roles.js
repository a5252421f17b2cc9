// Who speaks: the name that people read for a role or a source, and the class that gives what is
// inside its colours. Both come from logs, so a role nobody knows is shown as it is, in the driver's.
import { visible } from "./text.js";

const NAMES = new Map([
  ["user", "User"], ["assistant", "Assistant"], ["tool", "Tool"], ["tester", "Tester"], ["driver", "Driver"],
]);

/** The name of a role. */
export const nameOf = (role) => NAMES.get(role) ?? visible(role);

/** The class of style.css for a role. */
export const roleClass = (role) => `by-${NAMES.has(role) ? role : "driver"}`;
