// The queue: one conversation at a time, blind, with the form beside it; what was said is on the
// server's disk before the next one is shown.

import { persistently } from "../lib/answer.js";
import { post } from "../lib/api.js";
import { useKeys } from "../lib/keys.js";
import { plural, score } from "../lib/format.js";
import { html, useEffect, useRef, useState } from "../lib/ui.js";
import { Conversation } from "../conversation/conversation.js";
import { Json } from "../conversation/json.js";
import { visible } from "../lib/text.js";
import { Changes, Editing, editable, fieldsOf, revisionOf } from "./editing.js";
import { Rating, filled } from "./rating.js";
import { summary } from "./scales.js";

const drafts = new Map(); // reviewer and item → what is not saved yet: a conversation may go and come again
window.addEventListener("beforeunload", (event) => drafts.size && event.preventDefault());

const BLANK = { decision: null, ratings: {}, comment: "", fields: {}, last: null };

export function Queue({ sources, reviewer, target }) {
  const [queue, setQueue] = useState(null);
  const [at, setAt] = useState(0);
  const [said, setSaid] = useState("");
  const given = useRef([]); // items reviewed since the page was opened, for undo
  const key = JSON.stringify([sources, reviewer, target]);
  const [problem, setProblem] = useState("");
  const load = (gone) => persistently("/api/review/queue", { source: sources, reviewer, target }, gone)
    .then((answer) => {
      setQueue(answer);
      setAt(0);
    }, (error) => setProblem(error.message));
  useEffect(() => {
    const gone = new AbortController();
    load(gone.signal);
    return () => gone.abort();
  }, [key]);
  if (!queue) return html`<p class=${problem ? "problem" : "muted"} role="status">${problem ? visible(problem) : "Looking…"}</p>`;
  const { items } = queue;
  const place = items[at];
  const done = items.filter(({ state }) => state === "done").length;
  const change = (item, changes) => setQueue((now) => ({
    ...now, items: now.items.map((one) => (one.item === item ? { ...one, ...changes } : one)),
  }));
  const toNext = (item, state, line) => {
    setSaid(line);
    change(item, { state });
    const open = items.map((one, i) => ({ ...one, i })).filter((one) => one.item !== item && one.state !== "done");
    const next = open.find(({ i, state: now }) => i > at && now === "open") ?? open.find(({ state: now }) => now === "open") ?? open.find(({ i }) => i > at) ?? open[0];
    if (next) setAt(next.i);
    else if (state === "done") setAt(items.length);
    else setSaid("it is the only one left");
  };
  const undo = async () => {
    const item = given.current.at(-1) ?? (place?.state === "done" ? place.item : null);
    if (!item) {
      setSaid("there is nothing to undo");
      return;
    }
    try {
      await post("/api/review/entry", { source: sources, item, reviewer, kind: "withdraw" });
    } catch {
      return; // a notice has said so; it can be tried again
    }
    given.current = given.current.filter((one) => one !== item);
    change(item, { state: "open" });
    setAt(items.findIndex((one) => one.item === item));
    setSaid("taken back: rate it again");
  };
  return html`<div data-testid="queue">
    <div class="review-progress">
      <progress max=${items.length || 1} value=${done} aria-label="Reviewed by you"></progress>
      <span data-testid="progress">${done} of ${items.length} in your queue done; ${queue.full} of ${plural(queue.total, "conversation")} had ${plural(target, "reviewer")} when it was made</span>
      <span role="status" data-testid="said">${said}</span>
    </div>
    ${place
      ? html`<${Item} key=${place.item} place=${place} number=${at + 1} of=${items.length} sources=${sources} reviewer=${reviewer}
          onDone=${(line) => { given.current.push(place.item); toNext(place.item, "done", line); }}
          onSkip=${() => toNext(place.item, "skipped", "skipped: it comes again at the end")}
          onMove=${(by) => setAt(Math.min(items.length - 1, Math.max(0, at + by)))} onUndo=${undo} />`
      : html`<${Finished} count=${items.length} onUndo=${undo} onLoad=${() => load(new AbortController().signal)} onBack=${() => setAt(Math.max(0, items.length - 1))} />`}
  </div>`;
}

function Finished({ count, onUndo, onLoad, onBack }) {
  useKeys({ u: onUndo }, "undo the last rating");
  return html`<section class="empty" data-testid="finished"><h2>${count ? "All done" : "Nothing to review here"}</h2>
    <p>${count ? "You have rated everything in your queue." : "Every conversation has as many reviewers as wanted."} What others and the models say is under Results.</p>
    <p class="toolbar"><button onClick=${onLoad}>Look for more</button>
      ${count > 0 && html`<button onClick=${onBack}>Back to the last one</button><button onClick=${onUndo}>Undo</button>`}</p></section>`;
}

function Item({ place, number, of, sources, reviewer, onDone, onSkip, onMove, onUndo }) {
  const [shown, setShown] = useState(null);
  const item = place.item;
  const kept = [reviewer, item].join("\n");
  const [draft, setDraft] = useState(drafts.get(kept) ?? BLANK);
  const [marked, setMarked] = useState("overall");
  const [problem, setProblem] = useState("");
  const busy = useRef(false);
  const heading = useRef(null);
  const take = (answer) => {
    setShown(answer);
    if (answer.mine && !drafts.has(kept)) setDraft(draftOf(answer.mine));
  };
  useEffect(() => {
    const gone = new AbortController();
    persistently("/api/review/item", { source: sources, item, reviewer }, gone.signal).then(take, (error) => setProblem(error.message));
    heading.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
    return () => gone.abort();
  }, []);
  const messages = shown ? editable(shown.events) : [];
  const change = (changes) => {
    const changed = { ...(drafts.get(kept) ?? draft), ...changes };
    drafts.set(kept, changed);
    setDraft(changed);
    setProblem("");
  };
  const say = async (kind, review, then) => {
    if (busy.current || !shown) return;
    busy.current = true;
    setProblem("");
    try {
      then(await post("/api/review/entry", { source: sources, item, reviewer, kind, review }, { quiet: true }));
      busy.current = kind === "review"; // until the next conversation is drawn
    } catch (error) {
      busy.current = false;
      setProblem(error.message);
    }
  };
  const save = () => {
    if (!draft.decision) {
      setProblem("accept, reject or edit it first");
      return;
    }
    const revision = draft.decision === "edit" ? revisionOf(messages, draft.fields, draft.last) : null;
    if (draft.decision === "edit" && !revision) {
      setProblem("nothing is edited: change some words, or accept it");
      return;
    }
    const { decision, ratings, comment } = draft;
    const review = { decision, ratings, comment, revision };
    say("review", review, () => {
      drafts.delete(kept);
      onDone(`saved: ${summary(review)}`);
    });
  };
  const digit = (value) => {
    const result = filled(draft, marked, value);
    if (!result) return;
    change({ ratings: result.ratings });
    setMarked(result.next);
  };
  useKeys({ a: () => change({ decision: "accept" }), r: () => change({ decision: "reject" }), e: () => change({ decision: "edit" }) }, "accept, reject, edit");
  useKeys(Object.fromEntries([0, 1, 2, 3, 4, 5].map((value) => [String(value), () => digit(value)])), "rate on the marked scale");
  useKeys({ Enter: save, "Ctrl+Enter": save }, "save and go on");
  useKeys({ s: () => say("skip", null, onSkip) }, "skip");
  useKeys({ u: onUndo }, "undo the last rating");
  useKeys({ j: () => onMove(1), k: () => onMove(-1) }, "next, previous conversation");
  return html`<div class="review-item">
    <section class="review-read" aria-label="The conversation">
      <header class="review-head">
        <h2 tabindex="-1" ref=${heading} data-testid="item-heading">Conversation ${number} of ${of}</h2>
        <span class="badge">${plural(shown?.reviewers ?? place.reviewers, "reviewer")}</span>
        ${place.state !== "open" && html`<span class="badge">${place.state === "done" ? "rated by you" : "skipped"}</span>`}
        ${place.outdated > 0 && html`<span class="badge is-warn" data-testid="outdated">${plural(place.outdated, "review")} of an earlier form: it was changed since</span>`}
        <span class="toolbar"><button class="quiet" onClick=${() => onMove(-1)} disabled=${number === 1}>Previous</button>
          <button class="quiet" onClick=${() => onMove(1)} disabled=${number === of}>Next</button></span>
      </header>
      ${shown && html`<${Told} shown=${shown} />
        ${draft.decision === "edit"
          ? html`<${Editing} source=${sources} item=${item} messages=${messages} fields=${draft.fields} last=${draft.last}
              onField=${(name, text) => change({ fields: { ...draft.fields, [name]: text } })} onLast=${(last) => change({ last })} />
            <details class="folded"><summary>the conversation with its results, as it stands</summary><${Conversation} events=${shown.events} compact /></details>`
          : html`<${Conversation} events=${shown.events} compact />`}`}
    </section>
    <form class="review-form card" aria-label="Your review" onSubmit=${(event) => { event.preventDefault(); save(); }}>
      <${Rating} draft=${draft} marked=${marked} onChange=${change} onMark=${setMarked} />
      <p class="problem" role="alert" data-testid="problem">${problem && visible(problem)}</p>
      <div class="toolbar">
        <button class="primary" data-testid="save" disabled=${!shown}>Save <kbd aria-hidden="true">↵</kbd></button>
        <button type="button" data-testid="skip" onClick=${() => say("skip", null, onSkip)}>Skip <kbd aria-hidden="true">s</kbd></button>
        <button type="button" class="quiet" data-testid="undo" onClick=${onUndo}>Undo <kbd aria-hidden="true">u</kbd></button>
      </div>
      ${shown?.mine && html`<${Rated} shown=${shown} onReveal=${() => say("reveal", null, setShown)} />`}
    </form>
  </div>`;
}

const draftOf = ({ decision, ratings, comment, revision }) =>
  ({ decision, ratings, comment, fields: fieldsOf(revision), last: revision?.last ?? null });

/** What the assistant was told before anything was said. */
function Told({ shown: { system, tools } }) {
  return html`<details class="folded"><summary>instructions and ${plural(tools.length, "tool")}</summary>
    ${system.map((text) => html`<p class="words">${visible(text ?? "")}</p>`)}
    <ul class="tools">${tools.map((tool) => html`<li key=${tool.name}><b class="mono">${visible(tool.name)}</b> ${visible(tool.description)}
      <${Json} value=${tool.parameters} /></li>`)}</ul></details>`;
}

function Rated({ shown, onReveal }) {
  return html`<section class="rated" aria-label="What was said" data-testid="rated">
    <p>You said: ${summary(shown.mine)}.</p><${Changes} changes=${shown.changes} />
    ${shown.others ? html`<${Others} others=${shown.others} />` : html`<button type="button" data-testid="reveal" onClick=${onReveal}>Show what others and models say</button>
      <p class="muted">What you change after that is not blind, and in no figure of agreement.</p>`}
  </section>`;
}

function Others({ others }) {
  const rater = others.rater_score === null ? "" : `; ${others.rate_model} rated it ${score(others.rater_score)} of 5`;
  return html`<div data-testid="others">
    <p>${visible(others.source)} / ${visible(others.episode)}, by ${visible(others.model_name)}: ${others.outcome.status},
      score ${score(others.score)}${visible(rater)}</p>
    ${others.rater_explanation && html`<p class="words">${visible(others.rater_explanation)}</p>`}
    <ul>${others.verdicts.map(({ check, passed, by, reason }, i) => html`<li key=${i}>${passed ? "passed" : "failed"} (${visible(by)}): ${visible([check, reason].filter(Boolean).join(": "))}</li>`)}</ul>
    ${others.reviews.length ? html`<ul>${others.reviews.map((one) => html`<li key=${one.reviewer}>${visible(one.reviewer)}: ${summary(one)}
      ${one.comment && html` <q>${visible(one.comment)}</q>`}<${Changes} changes=${one.changes} /></li>`)}</ul>` : html`<p>Nobody else has rated it.</p>`}
  </div>`;
}
