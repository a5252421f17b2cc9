// Questions to the server that served this page, and actions sent to it. Both give the parsed JSON
// answer, or throw an Error whose message is the server's one line, and show that line as a notice
// unless told to be quiet. Nothing that may have happened is tried again: an action must not happen
// twice.
import { toast } from "./toasts.js";

const metadata = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";

/** The nonce under which an editor may add its style sheet. */
export const styleNonce = () => metadata("nonce");

/** The address of an endpoint with its query, for a link to download from; empty ones left out. */
export function endpoint(path, params = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) query.append(name, one);
    }
  }
  const text = query.toString();
  return path + (text && `?${text}`);
}

/** The line that an answer with an error status carries. */
async function complaint(response) {
  try {
    const body = await response.json();
    if (typeof body.error === "string") return body.error;
  } catch {
    // no JSON: what is known is the status
  }
  return `The server answered ${response.status} ${response.statusText}`.trim();
}

/** No server answered at all. */
export class NoAnswer extends Error {}

async function answered(send, quiet) {
  let response;
  try {
    response = await send();
    if (!response.ok) throw new Error(await complaint(response));
    return await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    const told = response ? error : new NoAnswer("The server does not answer: is callsheet watch still running?");
    if (!quiet) toast(told.message, "error");
    throw told;
  }
}

/** Ask: GET path with these parameters. `signal` aborts it. */
export const get = (path, params = {}, { quiet = false, signal } = {}) =>
  answered(() => fetch(endpoint(path, params), { signal, credentials: "same-origin" }), quiet);

/** The token of a server that was started again since this page was loaded. */
async function renewToken() {
  const page = new DOMParser().parseFromString(await (await fetch("/")).text(), "text/html");
  const token = page.querySelector('meta[name="csrf"]')?.content ?? "";
  const renewed = Boolean(token) && token !== metadata("csrf");
  if (renewed) document.querySelector('meta[name="csrf"]').content = token;
  return renewed;
}

const sent = (path, body) =>
  fetch(path, {
    method: "POST",
    credentials: "same-origin",
    headers: { "content-type": "application/json", "x-callsheet-csrf": metadata("csrf") },
    body: JSON.stringify(body),
  });

/** Act: POST this body as JSON, with the page's token against forged requests. */
export const post = (path, body = {}, { quiet = false } = {}) =>
  answered(async () => {
    const response = await sent(path, body);
    // Refused is not done: with the token of the server's new process it may be sent again.
    return response.status === 403 && (await renewToken()) ? sent(path, body) : response;
  }, quiet);
