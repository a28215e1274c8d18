/* <live-talk data-topic data-fragment data-new>: keeps an open conversation true. When it changed, its fragment is fetched: whatever has
   another `data-version` there is replaced, and what was said since is added at the end. Of the reply box only the line that says who gets it is touched, and not while a hand is in it. Its `seen`
   goes on only once the last words are in view: nobody answers what they have not had in front of them. */
const TOGETHER = 200;
const NEAR_THE_END = 80;

class LiveTalk extends HTMLElement {
  connectedCallback() {
    this.page = this.closest("section");
    this.talk = this.page.querySelector("#talk");
    this.offer = this.page.querySelector("#talk-offer");
    this.stop = new AbortController();
    const { signal } = this.stop;
    document.addEventListener("live", (event) => this.concerns(event.detail) && this.soon(), { signal });
    document.addEventListener("scroll", () => this.atEnd && this.haveSeen(), { signal, capture: true, passive: true });
    this.page.addEventListener("submit", (event) => this.shut(event.target.closest(".menu")), { signal });
    this.offer.addEventListener("click", () => this.toEnd("smooth"), { signal });
    requestAnimationFrame(() => location.hash || this.toLast());
  }

  disconnectedCallback() {
    this.stop.abort();
    clearTimeout(this.waiting);
  }

  concerns({ topic, id }) {
    return topic === "*" || (topic === "conversation" && id === this.dataset.topic);
  }

  soon() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.look(), TOGETHER);
  }

  /* An answer that is overtaken by the next question is forgotten, so that what is older never replaces what is newer. */
  async look() {
    this.asking?.abort();
    const { signal } = (this.asking = new AbortController());
    const headers = { "HX-Request": "true" };
    const answer = await fetch(this.dataset.fragment, { headers, signal, credentials: "same-origin" }).catch(() => null);
    const words = await answer?.text().catch(() => "");
    if (!answer?.ok || !words || signal.aborted || !this.isConnected) return;
    const template = document.createElement("template");
    template.innerHTML = words;
    const live = template.content.querySelector("#live");
    if (!live) return;
    const wasAtEnd = this.atEnd;
    this.forget(new Set([...live.querySelector("#talk").children].map((part) => part.id)));
    const added = this.add(live.querySelector("#talk"));
    this.replace(live);
    this.latest = live.dataset.latest;
    if (added.some((part) => part.matches(".message"))) this.tell(wasAtEnd);
    else if (added.length && wasAtEnd) this.toEnd("instant");
    if (this.atEnd) this.haveSeen();
  }

  /* What is not here yet, behind what stands before it. */
  add(fresh) {
    const added = [];
    let before = null;
    for (const part of [...fresh.children].filter((each) => each.id !== "earlier")) {
      const here = document.getElementById(part.id);
      if (!here) {
        if (before) before.after(part);
        else this.talk.prepend(part);
        window.htmx?.process(part);
        added.push(part);
      }
      before = here ?? part;
    }
    return added;
  }

  replace(live) {
    for (const fresh of live.querySelectorAll("[data-version]")) {
      const here = document.getElementById(fresh.id);
      if (!here || here.dataset.version === fresh.dataset.version || this.isInUse(here)) continue;
      here.replaceWith(fresh);
      window.htmx?.process(fresh);
      fresh.dispatchEvent(new CustomEvent("replaced", { bubbles: true }));
    }
  }

  /* What was chosen from a menu is done, and the hand is where the menu was opened. */
  shut(menu) {
    if (menu?.contains(document.activeElement)) menu.querySelector("summary").focus();
    if (menu) menu.open = false;
  }

  /* What is no more: a reply that was taken back, someone who was added. What stands before all that was fetched is only older. */
  forget(still) {
    const here = [...this.talk.children];
    const first = here.findIndex((part) => part.id !== "earlier" && still.has(part.id));
    for (const part of first < 0 ? [] : here.slice(first)) {
      if (part.id && !still.has(part.id)) part.remove();
    }
    this.page.querySelector("#strip").dispatchEvent(new CustomEvent("replaced", { bubbles: true }));
  }

  isInUse(part) {
    return part.contains(document.activeElement) && document.activeElement.matches("input, textarea, select") || part.querySelector("details.menu[open]") !== null || part.matches(".addressing[open]");
  }

  tell(wasAtEnd) {
    document.getElementById("said").textContent = this.dataset.new;
    if (wasAtEnd) this.toEnd("smooth");
    else this.offer.hidden = false;
  }

  haveSeen() {
    this.offer.hidden = true;
    if (!this.latest || document.hidden) return;
    for (const seen of this.page.querySelectorAll("[name=seen]")) seen.value = this.latest;
  }

  /* The talk scrolls by itself where there is room for panes, and with the page where there is not. */
  get scroller() {
    return getComputedStyle(this.talk).overflowY === "visible" ? document.documentElement : this.talk;
  }

  get atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_THE_END;
  }

  /* Where one starts to read: the end, or the beginning of the last message where that is longer than the view. */
  toLast() {
    const last = [...this.talk.querySelectorAll(".message")].at(-1);
    const above = last ? last.getBoundingClientRect().top - this.talk.getBoundingClientRect().top : 0;
    if (this.scroller === this.talk) this.talk.scrollTop = Math.min(this.talk.scrollHeight, this.talk.scrollTop + above - 16);
    else if (this.talk.querySelectorAll(".message").length > 1) last.scrollIntoView({ block: "start", behavior: "instant" });
  }

  toEnd(behavior) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: calm ? "instant" : behavior });
    this.offer.hidden = true;
  }
}

customElements.define("live-talk", LiveTalk);
