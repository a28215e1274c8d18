/* <row-list data-place>: J and K go along its rows, Escape comes back to the chosen one; the list is found again as it was left.
   `data-place` names the list (its address without the page); its scroll and last row are kept while the window is open. */
class RowList extends HTMLElement {
  connectedCallback() {
    this.stop = new AbortController();
    const { signal } = this.stop;
    document.addEventListener("keydown", (event) => this.key(event), { signal });
    this.addEventListener("focusin", (event) => this.remember(event.target.closest("[data-row]")), { signal });
    addEventListener("pagehide", () => this.keepPlace(), { signal });
    this.findPlace();
  }

  disconnectedCallback() {
    this.keepPlace();
    this.stop.abort();
  }

  get links() {
    return [...this.querySelectorAll(".row__who")];
  }

  get current() {
    const focused = document.activeElement?.closest("[data-row]")?.querySelector(".row__who");
    return focused ?? this.querySelector(".row__who[aria-current]");
  }

  key(event) {
    const plain = !(event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented);
    const typing = event.target.isContentEditable || event.target.matches("textarea, select, input:not([type=radio], [type=checkbox])");
    const off = document.querySelector("hot-keys[data-off]");
    if (!plain || typing || document.querySelector("dialog:modal") || !this.checkVisibility()) return;
    const key = event.key.toLowerCase();
    if (key === "j" && !off) this.step(1, event);
    else if (key === "k" && !off) this.step(-1, event);
    else if (key === "escape" && !this.contains(document.activeElement)) this.focusRow(this.current);
  }

  step(by, event) {
    const links = this.links;
    const at = links.indexOf(this.current);
    const next = at < 0 ? links[0] : links[at + by];
    if (!next) return;
    event.preventDefault();
    this.focusRow(next);
  }

  focusRow(link) {
    link?.focus({ preventScroll: true });
    link?.closest("[data-row]").scrollIntoView({ block: "nearest" });
  }

  remember(row) {
    if (row) this.row = row.dataset.row;
  }

  get memory() {
    return `list ${this.dataset.place ?? location.pathname}`;
  }

  keepPlace() {
    sessionStorage.setItem(this.memory, JSON.stringify({ row: this.row, top: this.scrollTop, page: scrollY }));
  }

  findPlace() {
    const kept = JSON.parse(sessionStorage.getItem(this.memory) ?? "null");
    this.row = kept?.row;
    if (kept && this.checkVisibility()) {
      this.scrollTop = kept.top;
      const alone = !this.querySelector(".row__who[aria-current]");
      if (alone && scrollY === 0) scrollTo(0, kept.page);
      const row = alone && this.row && this.querySelector(`[data-row="${CSS.escape(this.row)}"] .row__who`);
      if (row && document.activeElement === document.body) row.focus({ preventScroll: true });
    }
    this.querySelector(".row:has([aria-current])")?.scrollIntoView({ block: "nearest" });
  }
}

customElements.define("row-list", RowList);
