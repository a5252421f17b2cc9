// Where a reader is in a conversation: which article is in sight, the way to another one, and a mark
// on the one that was asked for. Works on the page as it stands, whatever scrolls it.

const MARK = "marked";

/** The element of an event, or of the block that shows it; null where neither is drawn. */
export function elementOf(turns, seq) {
  const block = turns.blocks[turns.places.get(seq)];
  return document.getElementById(`e${seq}`) ?? (block ? document.getElementById(`e${block.seq}`) : null);
}

/** Brings an element into sight, with the focus on it where `focus`; `block` as in scrollIntoView. */
export function show(element, { focus = false, block = "start" } = {}) {
  if (!element) return;
  if (focus) element.focus({ preventScroll: true });
  element.scrollIntoView({ block });
  // Articles far away have estimated heights until they are near: once more when they are real.
  requestAnimationFrame(() => element.scrollIntoView({ block }));
}

/** Marks one element of the page and no other. */
export function mark(element) {
  for (const other of document.querySelectorAll(`.${MARK}`)) other.classList.remove(MARK);
  element?.classList.add(MARK);
}

/** The article that is read: {seq, chosen}. It is chosen where it has the focus or the mark, else it
 * is merely the first in sight; its seq is -1 where none is. */
export function current() {
  const articles = [...document.querySelectorAll(".conversation article[data-seq]")].filter(isInSight);
  const chosen = document.activeElement?.closest?.("article[data-seq]")
    ?? document.querySelector(`.${MARK}`)?.closest("article[data-seq]");
  const article = articles.includes(chosen) ? chosen : articles[0];
  return { seq: article ? Number(article.dataset.seq) : -1, chosen: Boolean(article) && article === chosen };
}

const EDGE = 80; // pixels at the window's top that its header covers

function isInSight(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > EDGE && top < window.innerHeight;
}
