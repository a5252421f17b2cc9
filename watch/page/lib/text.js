// Text of models and tools, for the page: always as text nodes, and with what cannot be seen made
// visible. Control characters and those that reverse the direction of reading would show another
// order, or other words, than were said; they appear as \u202e and the like.

const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]/gu;

/** `text` with unseen characters as their escapes; line breaks and tabs stay. Whatever stands in a log
 * where a text belongs is shown too, and nothing where there is none. */
export function visible(text) {
  return String(text ?? "").replace(UNSEEN, escaped);
}

function escaped(character) {
  return `\\u${character.codePointAt(0).toString(16).padStart(4, "0")}`;
}

/** The first line of a text, at most `length` characters of it. */
export function firstLine(text, length = 90) {
  const [line] = text.trim().split("\n", 1);
  const whole = line === text.trim() && line.length <= length;
  return visible(whole ? line : `${line.slice(0, length).trimEnd()}…`);
}
