// An episode's events, grouped into the blocks that people read: a message with its calls, results
// and changes, the plan's steps, decisions, the tester's verdicts, the end.
//
// Pure: no page and no clock, so that it is tested without a browser. Adding an event replaces the
// one block it touches by a copy and leaves all others the very same objects: whoever draws them
// need not draw those again. An event that is there already is passed over. Nothing is lost: an
// event that fits no block gets one of its own.

/** Blocks in order; see `blockOf` for their shapes. */
export class Turns {
  constructor() {
    this.events = [];
    this.blocks = [];
    this.places = new Map(); // seq → index of the block that shows the event
    this.plan = []; // events of the plan, in order
    this._asked = new Map(); // role → model calls whose message is still to come
    this._calls = new Map(); // ordinal → index of the block with the call
  }

  /** Takes events in order; returns how many were new. */
  add(events) {
    const before = this.events.length;
    for (const event of events) {
      if (event.seq < this.events.length) continue;
      this.events.push(event);
      (TAKERS[event.kind] ?? takeOther)(this, event);
    }
    return this.events.length - before;
  }

  get last() {
    return this.events.length - 1;
  }

  _push(kind, event, fields = {}) {
    const block = { kind, seq: event.seq, last: event.seq, t: event.ambient?.t, ...fields };
    this.blocks.push(block);
    this._placed(event, this.blocks.length - 1);
    return block;
  }

  _change(index, event, fields) {
    const block = this.blocks[index];
    const last = Math.max(block.last, event.seq);
    this.blocks[index] = { ...block, ...fields, last };
    this._placed(event, index);
  }

  _changeCall(index, event, belongs, fields) {
    const { calls } = this.blocks[index];
    const at = calls.findIndex(belongs);
    if (at < 0) return false;
    const changed = calls.with(at, { ...calls[at], ...fields(calls[at]) });
    this._change(index, event, { calls: changed });
    return true;
  }

  _placed(event, index) {
    this.places.set(event.seq, index);
  }

  /** The model calls of a role that wait for what they led to. */
  _models(role, index) {
    const asked = this._asked.get(role) ?? [];
    this._asked.delete(role);
    for (const event of asked) this._placed(event, index);
    return asked;
  }
}

const known = new WeakMap();

/** The turns of `events`, an episode's from its first; asked again with more events, it takes
 * only those. */
export function turnsOf(events) {
  if (!events.length) return new Turns();
  const turns = known.get(events[0]) ?? new Turns();
  known.set(events[0], turns);
  turns.add(events.slice(turns.events.length));
  return turns;
}

const TAKERS = {
  status(turns, event) {
    if (event.data.state === "started") turns._push("opening", event, { event });
    else if (event.data.state === "ended") {
      // Calls that led to nothing, because a limit or an error came first.
      const models = [...turns._asked.keys()].flatMap((role) => turns._models(role, turns.blocks.length));
      turns._push("ending", event, { event, models });
    } else takeOther(turns, event);
  },

  plan(turns, event) {
    turns.plan.push(event);
    if (!("step" in event.data)) {
      turns._placed(event, Math.max(0, turns.blocks.length - 1));
      return;
    }
    // At the end the user is asked, and says nothing more.
    const models =
      event.data.step === null ? turns._models("user", turns.blocks.length) : [];
    const at = planAt(turns.plan);
    turns._push("step", event, {
      event, models, current: at.current, steps: at.steps.length, before: previous(turns.plan),
    });
  },

  model_call(turns, event) {
    const { role, scope, error } = event.data;
    const ordinal = /^call(\d+)$/.exec(scope ?? "")?.[1];
    const index = ordinal === undefined ? undefined : turns._calls.get(Number(ordinal));
    if (index !== undefined) {
      turns._changeCall(index, event, (call) => call.ordinal === Number(ordinal), (call) => ({
        models: [...call.models, event],
      }));
    } else if (error) {
      turns._push("failure", event, { event, role });
    } else {
      turns._asked.set(role, [...(turns._asked.get(role) ?? []), event]);
    }
  },

  message(turns, event) {
    const { message, thought, turn, step } = event.data;
    const calls = (message.tool_calls ?? []).map(asked);
    const words = message.content ?? "";
    turns._push("message", event, {
      role: message.role, turn, step, calls,
      // What comes with calls was never said to the user.
      text: calls.length ? "" : words,
      thought: thought ?? (calls.length ? words : ""),
      models: turns._models(message.role, turns.blocks.length),
      event,
    });
  },

  tool_call(turns, event) {
    const { call_id: id, ordinal } = event.data;
    const index = turns.blocks.findLastIndex((block) => block.kind === "message" && block.calls.length);
    const fits = (call) => call.id === id && call.ordinal === undefined;
    const started = { seq: event.seq, ordinal, arguments: event.data.arguments, t: event.ambient?.t };
    if (index >= 0 && turns._changeCall(index, event, fits, () => started)) {
      turns._calls.set(ordinal, index);
    } else {
      takeOther(turns, event);
    }
  },

  tool_result(turns, event) {
    const { ordinal } = event.data;
    const index = turns._calls.get(ordinal);
    const fits = (call) => call.ordinal === ordinal;
    if (index === undefined || !turns._changeCall(index, event, fits, () => ({ result: event })))
      takeOther(turns, event);
  },

  state_diff(turns, event) {
    const before = turns.events[event.seq - 1];
    const index = before?.kind === "tool_result" ? turns._calls.get(before.data.ordinal) : undefined;
    const fits = (call) => call.ordinal === before.data.ordinal;
    if (index === undefined || !turns._changeCall(index, event, fits, () => ({ change: event })))
      turns._push("changes", event, { event });
  },

  verdict(turns, event) {
    const index = turns.blocks.length - 1;
    const models = turns._models("tester", index);
    const block = turns.blocks[index];
    if (block?.kind === "verdicts")
      turns._change(index, event, {
        verdicts: [...block.verdicts, event], models: [...block.models, ...models],
      });
    else turns._push("verdicts", event, { verdicts: [event], models });
  },

  decision(turns, event) {
    turns._push("decision", event, { event });
  },
};

function takeOther(turns, event) {
  turns._push("other", event, { event });
}

/** A call as its message asks for it; `tool_call` and `tool_result` fill it in. */
function asked({ id, function: { name, arguments: text } }) {
  return {
    id, name, text, arguments: undefined, seq: undefined, ordinal: undefined, t: undefined,
    result: undefined, change: undefined, models: [],
  };
}

/** The step that the cursor leaves with the last of `events`; null at the beginning. */
function previous(events) {
  return planAt(events.slice(0, -1)).current;
}

/** The plan as it stands after `events` (of kind plan) up to the event `upto`:
 * steps of {kind, request, met: true, false or undefined}, and the index of the current one (null
 * before the first; after the last it is the number of steps). */
export function planAt(events, upto = Infinity) {
  const steps = [];
  const met = new Map();
  let current = null;
  for (const { seq, data } of events) {
    if (seq > upto) break;
    if (data.steps) steps.push(...data.steps);
    if (!("step" in data)) continue;
    if ("met" in data && current !== null) met.set(current, data.met);
    current = data.step === null ? steps.length : data.step;
  }
  return { steps: steps.map((step, i) => ({ ...step, met: met.get(i) })), current };
}

/** The blocks as they stood after the event `upto`; blocks that ended by then are the same objects. */
export function blocksUpto(blocks, upto) {
  if (upto === Infinity) return blocks;
  const shown = blocks.slice(0, countUpto(blocks, upto));
  // All calls of one message end before the next message is said.
  const at = shown.findLastIndex((block) => block.calls?.length || block.kind === "verdicts");
  if (at >= 0 && shown[at].last > upto) shown[at] = cut(shown[at], upto);
  return shown;
}

function countUpto(blocks, upto) {
  let [low, high] = [0, blocks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (blocks[middle].seq <= upto) low = middle + 1;
    else high = middle;
  }
  return low;
}

function cut(block, upto) {
  const until = (event) => (event && event.seq <= upto ? event : undefined);
  if (block.kind === "verdicts") return { ...block, verdicts: block.verdicts.filter(until) };
  if (!block.calls) return block;
  const calls = block.calls.map((call) => ({
    ...call,
    result: until(call.result),
    change: until(call.change),
    models: call.models.filter(until),
  }));
  return { ...block, calls };
}

/** What the time line marks and the keys go to: [{seq, kind: turn, call, error or verdict}]. */
export function markers(events) {
  const found = [];
  for (const { seq, kind, source, data } of events) {
    if (isError({ kind, data })) found.push({ seq, kind: "error" });
    else if (kind === "message" && source === "user") found.push({ seq, kind: "turn" });
    else if (kind === "tool_call") found.push({ seq, kind: "call" });
    else if (kind === "verdict") found.push({ seq, kind: "verdict" });
  }
  return found;
}

/** Whether an event says that something went wrong. */
export function isError({ kind, data }) {
  if (kind === "tool_result") return data.ok === false;
  if (kind === "model_call") return data.error !== undefined;
  if (kind === "verdict") return data.passed === false;
  if (kind === "decision") return true;
  return kind === "status" && data.state === "ended" && data.status !== "completed";
}

/** Model calls by role up to the event `upto`: {role: {calls, prompt, completion, seconds, cost,
 * cached, retries, model}}. Seconds are the calls' latencies added up; cost is null where no call
 * has one. */
export function usage(events, upto = Infinity) {
  const roles = Object.create(null); // a log may name a role "constructor"
  for (const { seq, kind, data, ambient } of events) {
    if (seq > upto) break;
    if (kind !== "model_call") continue;
    const role = (roles[data.role] ??= {
      calls: 0, prompt: 0, completion: 0, seconds: 0, cost: null, cached: 0, retries: 0,
      model: data.model,
    });
    role.calls += 1;
    role.prompt += data.answer?.usage?.prompt_tokens ?? 0;
    role.completion += data.answer?.usage?.completion_tokens ?? 0;
    role.seconds += ambient?.latency ?? 0;
    if (ambient?.cost) role.cost = (role.cost ?? 0) + ambient.cost;
    role.cached += ambient?.cached ? 1 : 0;
    role.retries += ambient?.retries ?? 0;
  }
  return roles;
}
