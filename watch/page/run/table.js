// The table of a run's episodes: Tabulator draws only the rows in sight, so ten thousand scroll as
// ten do. Changes come in while somebody looks: they are put in a few times a second, and leave the
// scroll position, the current row and the chosen ones as they are. One stop for Tab; within it the
// arrows, j and k move, Enter opens, x takes a row for a comparison.
import { html, useEffect, useRef } from "../lib/ui.js";
import { useKeys } from "../lib/keys.js";
import { address, navigate } from "../lib/router.js";
import { Tabulator } from "../vendor/tabulator.js";
import { NARROW, columns, tableRow } from "./columns.js";

const ROW_HEIGHT = 31; // pixels, as in run.css
const PAUSE = 200; // ms between two changes of the table
const MANY = 300; // rows: from here on it is quicker to put in all of them
const narrow = window.matchMedia("(max-width: 760px)");

const scrolled = new Map(); // run → how far down its table was left

const sorters = (sort) => {
  if (!sort) return [{ column: "index", dir: "asc" }];
  return [{ column: sort.replace(/^-/, ""), dir: sort.startsWith("-") ? "desc" : "asc" }];
};

const rowId = (episode) => `row-${encodeURIComponent(episode)}`;

/** The table as an object with its own life: Preact places it and tells it what to do. */
class EpisodeTable {
  constructor(element, { run, rows, filter, sort, chosen, onCurrent, onChoose, onSort }) {
    Object.assign(this, { run, chosen, onCurrent, onChoose, current: null, waiting: new Set(), ready: false });
    this.filter = filter;
    this.table = new Tabulator(element, {
      index: "episode",
      data: [...rows.values()].map(tableRow),
      columns: [{ field: "index", visible: false, sorter: "number" }, ...columns(run, (cell) => this.#choice(cell))],
      layout: "fitColumns",
      height: "100%",
      rowHeight: ROW_HEIGHT,
      initialSort: sorters(sort),
      initialFilter: filter ? [{ field: filter }] : [],
      placeholder: "No episode matches",
      columnDefaults: { headerSortTristate: true },
      rowFormatter: (row) => this.#formatRow(row),
    });
    this.table.on("tableBuilt", () => this.#built(onSort));
    this.table.on("rowClick", (event, row) => this.#clicked(event, row.getData().episode));
  }

  #built(onSort) {
    this.ready = true;
    this.fit();
    const holder = this.#holder();
    holder.scrollTop = scrolled.get(this.run) ?? 0;
    // Being taken away scrolls it too.
    holder.addEventListener("scroll", () => this.ready && scrolled.set(this.run, holder.scrollTop), { passive: true });
    this.table.on("dataSorting", (by) => onSort(by[0]?.field, by[0]?.dir));
    if (this.waiting.size) this.#later();
  }

  destroy() {
    clearTimeout(this.timer);
    this.ready = false;
    this.table.destroy();
  }

  /** Fewer columns where there is little room. */
  fit() {
    if (!this.ready) return;
    for (const column of this.table.getColumns()) {
      const field = column.getField();
      if (field === "index") continue;
      if (narrow.matches && !NARROW.has(field)) column.hide();
      else column.show();
    }
    this.table.redraw();
  }

  refilter(filter) {
    if (!this.ready) return;
    if (filter) this.table.setFilter(filter);
    else this.table.clearFilter();
  }

  resort(sort) {
    if (!this.ready) return;
    const [by] = sorters(sort);
    const [now] = this.table.getSorters();
    if (now?.field !== by.column || now?.dir !== by.dir) this.table.setSort([by]);
  }

  /** These episodes have changed, or are new; `rows` has them all. */
  changed(episodes, rows) {
    this.rows = rows;
    for (const episode of episodes) this.waiting.add(episode);
    this.#later();
  }

  /** Rows have gone: all are put in anew. */
  replaced(rows) {
    this.rows = rows;
    this.all = true;
    this.#later();
  }

  #later() {
    if (this.ready) this.timer ??= setTimeout(() => this.#putIn(), PAUSE);
  }

  async #putIn() {
    const rows = [...this.waiting].map((episode) => this.rows.get(episode)).filter(Boolean).map(tableRow);
    const all = this.all || rows.length > MANY;
    this.waiting.clear();
    this.all = false;
    const keep = this.#place();
    if (all) await this.table.replaceData([...this.rows.values()].map(tableRow));
    else await this.table.updateOrAddData(rows);
    if (!this.ready) return;
    if (!all) this.table.refreshFilter(); // a changed row may now pass, fail, or stand elsewhere
    keep();
    this.timer = null;
    if (this.waiting.size || this.all) this.#later();
  }

  /** Remembers which row is on top; gives what puts it there again. */
  #place() {
    const holder = this.#holder();
    const top = holder.scrollTop;
    const height = holder.querySelector(".tabulator-row")?.offsetHeight ?? ROW_HEIGHT; // zoomed, it may differ
    const before = this.table.getRows("active")[Math.floor(top / height)]?.getData().episode;
    return () => {
      if (!top || !before) return;
      const at = this.#order().indexOf(before);
      const place = at < 0 ? top : at * height + (top % height);
      if (Math.abs(holder.scrollTop - place) > 1) holder.scrollTop = place;
    };
  }

  #holder() {
    return this.table.element.querySelector(".tabulator-tableholder");
  }

  #order() {
    return this.table.getRows("active").map((row) => row.getData().episode);
  }

  #formatRow(row) {
    const element = row.getElement();
    const { episode } = row.getData();
    element.id = rowId(episode);
    element.dataset.episode = episode;
    element.classList.toggle("is-current", episode === this.current);
    element.setAttribute("aria-selected", String(this.chosen.includes(episode)));
  }

  #choice(cell) {
    const { episode } = cell.getData();
    const box = document.createElement("input");
    box.type = "checkbox";
    box.tabIndex = -1;
    box.checked = this.chosen.includes(episode);
    box.setAttribute("aria-label", `Compare ${episode}`);
    box.addEventListener("change", () => this.onChoose(episode));
    return box;
  }

  /** The episodes taken for a comparison have changed. */
  choose(chosen) {
    const before = this.chosen;
    this.chosen = chosen;
    for (const episode of new Set([...before, ...chosen])) this.#row(episode)?.reformat();
  }

  #row(episode) {
    return (this.ready && episode && this.table.getRow(episode)) || null;
  }

  #clicked(event, episode) {
    this.#point(episode);
    if (event.target.closest("a, input, .choice") || String(window.getSelection())) return;
    navigate(address("/episode", { run: this.run, episode }));
  }

  /** Go `by` rows down, or up. */
  move(by) {
    const order = this.#order();
    const at = order.indexOf(this.current);
    const next = order[Math.min(Math.max(at + by, 0), order.length - 1)];
    if (next === undefined) return;
    this.#point(next);
    this.table.scrollToRow(next, "nearest", false).catch(() => {}); // it may have gone meanwhile
  }

  #point(episode) {
    const before = this.current;
    this.current = episode;
    for (const one of [before, episode]) this.#row(one)?.getElement().classList.toggle("is-current", one === episode);
    this.onCurrent(episode, rowId(episode));
  }
}

/** The table's place. `rows`: the episodes' collection; the rest as the class takes it. */
export function Episodes({ run, collected, filter, sort, chosen, onChoose, onSort, listen }) {
  const place = useRef(null);
  const table = useRef(null);
  const choose = useRef(onChoose);
  choose.current = onChoose;

  useEffect(() => {
    const onCurrent = (_, id) => place.current.setAttribute("aria-activedescendant", id);
    const made = new EpisodeTable(place.current, {
      run, rows: collected.rows.peek(), filter, sort, chosen, onCurrent, onSort,
      onChoose: (episode) => choose.current(episode),
    });
    table.current = made;
    const fit = () => made.fit();
    narrow.addEventListener("change", fit);
    const stop = listen(({ changed, gone }) => {
      const rows = collected.rows.peek();
      if (gone.length) made.replaced(rows);
      else made.changed(changed, rows);
    });
    return () => {
      stop();
      narrow.removeEventListener("change", fit);
      made.destroy();
    };
  }, []);
  useEffect(() => table.current.refilter(filter), [filter]);
  useEffect(() => table.current.resort(sort), [sort]);
  useEffect(() => table.current.choose(chosen), [chosen]);

  const move = (by) => () => table.current.move(by);
  const open = () => {
    const episode = table.current.current;
    if (episode) navigate(address("/episode", { run, episode }));
  };
  useKeys({ j: move(1), ArrowDown: move(1), k: move(-1), ArrowUp: move(-1) }, "next, previous episode");
  useKeys({ PageDown: move(15), PageUp: move(-15), Home: move(-1e9), End: move(1e9) }, "further down, up");
  useKeys({ Enter: open }, "open the episode");
  useKeys({ x: () => table.current.current && onChoose(table.current.current) }, "take it for a comparison");
  return html`<div class="episodes"><div ref=${place} class="episode-table" tabindex="0" aria-label="Episodes" data-testid="episodes"></div></div>`;
}
