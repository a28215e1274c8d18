/* <reply-tabs>: two places to write, a reply and a note, of which the chosen one is seen. Choosing one puts the hand into it. */
class ReplyTabs extends HTMLElement {
  connectedCallback() {
    this.stop = new AbortController();
    const { signal } = this.stop;
    this.addEventListener("hot-key", ({ target }) => this.go(target), { signal });
    this.addEventListener("click", ({ detail, target }) => detail && this.go(target), { signal });
    this.addEventListener("draft-back", ({ target }) => this.choose(target.closest("reply-box").dataset.kind), { signal });
  }

  disconnectedCallback() {
    this.stop.abort();
  }

  go(tab) {
    if (tab.name === "writing") this.querySelector(`reply-box[data-kind="${CSS.escape(tab.value)}"]`).focusWords();
  }

  choose(kind) {
    this.querySelector(`[name=writing][value="${CSS.escape(kind)}"]`).checked = true;
  }
}

customElements.define("reply-tabs", ReplyTabs);
