/* <kept-draft data-save data-kept data-here>: keeps the words of its form. A second after the last key, and when it is left, they are posted to data-save;
   where that fails they stay on this computer until it works again, and come back when the page is opened anew. */
const PAUSE = 1000;
const AGAIN = 10_000;

class KeptDraft extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form");
    if (!this.form || !this.dataset.save) return;
    this.place = `draft ${this.dataset.save} ${this.form.elements.kind.value}`;
    this.stop = new AbortController();
    const { signal } = this.stop;
    this.form.addEventListener("input", () => this.changed(), { signal });
    this.form.addEventListener("focusout", (event) => this.dirty && !this.form.contains(event.relatedTarget) && this.save(), { signal });
    this.form.addEventListener("submit", () => this.sending(), { signal });
    for (const trouble of ["htmx:sendError", "htmx:responseError"]) {
      this.form.addEventListener(trouble, () => this.changed(), { signal });
    }
    this.form.addEventListener("htmx:beforeOnLoad", (event) => event.detail.xhr.status === 401 && this.keepHere(this.words()), { signal });
    addEventListener("pagehide", () => this.dirty && this.save({ keepalive: true }), { signal });
    addEventListener("online", () => this.dirty && this.save(), { signal });
    // The reply box is made after this element, in the same breath; it takes the words.
    queueMicrotask(() => this.bringBack());
  }

  disconnectedCallback() {
    this.stop?.abort();
    clearTimeout(this.waiting);
    if (this.dirty) this.save({ keepalive: true });
  }

  changed() {
    this.dirty = true;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.save(), PAUSE);
  }

  /* What is sent is no draft any more. */
  sending() {
    this.dirty = false;
    clearTimeout(this.waiting);
    this.posting?.abort();
    localStorage.removeItem(this.place);
  }

  async save({ keepalive = false } = {}) {
    clearTimeout(this.waiting);
    this.dirty = false;
    this.posting?.abort();
    this.posting = new AbortController();
    const { signal } = this.posting;
    const words = this.words();
    try {
      const answer = await fetch(this.dataset.save, { method: "POST", body: words, keepalive, signal, credentials: "same-origin" });
      // Led elsewhere means signed out: nothing was kept there.
      if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
      localStorage.removeItem(this.place);
      this.textContent = this.dataset.kept;
    } catch {
      if (signal.aborted) return;
      this.keepHere(words);
    }
  }

  words() {
    const all = new FormData(this.form);
    all.delete("files");
    return new URLSearchParams(all);
  }

  keepHere(words) {
    this.dirty = true;
    localStorage.setItem(this.place, JSON.stringify({ words: words.get("words"), are: words.get("words_are") }));
    this.textContent = this.dataset.here;
    this.waiting = setTimeout(() => this.save(), AGAIN);
  }

  bringBack() {
    const here = JSON.parse(localStorage.getItem(this.place) ?? "null");
    if (!here?.words) return;
    this.form.dispatchEvent(new CustomEvent("draft-back", { detail: here, bubbles: true }));
    this.changed();
  }
}

customElements.define("kept-draft", KeptDraft);
