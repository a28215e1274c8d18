/* <live-stream data-src>: hears what changed, while the page is seen, and tells it to the page as a "live" event on document with
   {topic, id}. Where the stream cannot be had it says every thirty seconds that anything may have changed (topic "*"). */
const ASK_EVERY = 30_000;

class LiveStream extends HTMLElement {
  connectedCallback() {
    document.addEventListener("visibilitychange", (this.onShow = () => (document.hidden ? this.close() : this.open(true))));
    if (!document.hidden) this.open(false);
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.onShow);
    this.close();
  }

  open(missed) {
    this.close();
    this.missed = missed;
    this.stream = new EventSource(this.dataset.src);
    this.stream.addEventListener("open", () => this.hears());
    this.stream.addEventListener("message", (event) => this.tell(JSON.parse(event.data)));
    this.stream.addEventListener("error", () => this.ask());
  }

  /* Only now is nothing missed any more: what changed while the page was hidden is looked for after the ear is open. */
  hears() {
    clearInterval(this.asking);
    this.catchUp();
  }

  catchUp() {
    if (this.missed) this.tell({ topic: "*" });
    this.missed = false;
  }

  close() {
    this.stream?.close();
    clearInterval(this.asking);
  }

  ask() {
    this.catchUp();
    clearInterval(this.asking);
    this.asking = setInterval(() => this.askOnce(), ASK_EVERY);
  }

  askOnce() {
    this.tell({ topic: "*" });
    if (this.stream.readyState === EventSource.CLOSED) this.open(false);
  }

  tell(change) {
    document.dispatchEvent(new CustomEvent("live", { detail: change }));
  }
}

customElements.define("live-stream", LiveStream);
