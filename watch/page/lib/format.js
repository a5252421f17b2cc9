// How numbers, times and shares read on this page. All take plain numbers (seconds, unix seconds,
// counts, US dollars) and give short English text; what is missing reads as a dash.
const NONE = "–";
const absent = (value) => value === null || value === undefined || Number.isNaN(value);
const whole = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** 12,340 */
export const count = (n) => (absent(n) ? NONE : whole.format(n));

/** 12.3K */
export const compact = (n) => (absent(n) ? NONE : short.format(n));

/** "1 episode", "3 episodes" */
export const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

/** 0.7 → 70 % */
export const percent = (share) => (absent(share) ? NONE : `${Math.round(share * 100)} %`);

/** 0.8333 → 0.83 */
export const score = (value) => (absent(value) ? NONE : String(Math.round(value * 100) / 100));

/** US dollars: <$0.0001, $0.0042, $1.20 */
export function money(dollars) {
  if (absent(dollars)) return NONE;
  if (dollars > 0 && dollars < 0.0001) return "<$0.0001";
  return `$${dollars && dollars < 0.1 ? dollars.toPrecision(2) : dollars.toFixed(2)}`;
}

/** Seconds as a length of time: 340 ms, 4.2 s, 3 min 05 s, 2 h 10 min */
export function duration(seconds) {
  if (absent(seconds)) return NONE;
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const total = Math.round(seconds);
  const pad = (n) => String(n).padStart(2, "0");
  if (total < 3600) return `${Math.floor(total / 60)} min ${pad(total % 60)} s`;
  return `${Math.floor(total / 3600)} h ${pad(Math.floor((total % 3600) / 60))} min`;
}

/** Episodes a second, told in the unit in which the number can be read: 3.4/s, 12/min, 5/h */
export function rate(perSecond) {
  if (absent(perSecond)) return NONE;
  if (perSecond >= 1) return `${perSecond.toFixed(perSecond < 10 ? 1 : 0)}/s`;
  const perMinute = perSecond * 60;
  return perMinute >= 1 ? `${Math.round(perMinute)}/min` : `${Math.round(perSecond * 3600)}/h`;
}

/** Unix seconds as the time of day, with the day where it is not today's. */
export function time(unix) {
  if (absent(unix)) return NONE;
  const date = new Date(unix * 1000);
  const today = new Date().toDateString() === date.toDateString();
  return today ? clock.format(date) : `${day.format(date)}, ${clock.format(date).slice(0, 5)}`;
}

/** Unix seconds as how long ago: "now", "4 min ago", "3 days ago" */
export function ago(unix, now = Date.now() / 1000) {
  if (absent(unix)) return NONE;
  const seconds = now - unix;
  if (seconds < 10) return "now";
  if (seconds < 60) return `${Math.round(seconds)} s ago`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.round(seconds / 3600)} h ago`;
  return `${plural(Math.round(seconds / 86400), "day")} ago`;
}

/** Unix seconds as a whole date for a title or `<time datetime>`. */
export const timestamp = (unix) => (absent(unix) ? "" : new Date(unix * 1000).toISOString());
