// The shared worker in which the browser's one live connection lives, for all tabs of this origin.
import { attach } from "./stream-hub.js";

globalThis.onconnect = (event) => attach(event.ports[0]);
