/* <is-present data-address data-token>: says to the desk that its teammate reads here, or writes, for as long as the page is seen. */
const EVERY = 40_000;
const WRITING_EVERY = 20_000;

class IsPresent extends HTMLElement {
  connectedCallback() {
    this.stop = new AbortController();
    const { signal } = this.stop;
    this.closest("section").addEventListener("input", (event) => event.target.closest("reply-box") && this.writes(), { signal });
    document.addEventListener("visibilitychange", () => this.say(document.hidden ? "gone" : "reading"), { signal });
    addEventListener("pagehide", () => this.say("gone"), { signal });
    this.beating = setInterval(() => document.hidden || this.say("reading"), EVERY);
  }

  disconnectedCallback() {
    this.stop.abort();
    clearInterval(this.beating);
  }

  writes() {
    if (Date.now() - (this.wrote ?? 0) < WRITING_EVERY) return;
    this.wrote = Date.now();
    this.say("writing");
  }

  say(doing) {
    const body = new URLSearchParams({ doing, csrfmiddlewaretoken: this.dataset.token });
    fetch(this.dataset.address, { method: "POST", body, keepalive: true, credentials: "same-origin" }).catch(() => null);
  }
}

customElements.define("is-present", IsPresent);
