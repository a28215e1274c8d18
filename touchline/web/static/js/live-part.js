/* <live-part data-on="list conversation:12" data-fragment="/…">: fetches its fragment anew when one of its topics changed. It is made
   for lines at the edge ("2 more are waiting", "Kay is writing"); what is being read is never replaced. An empty fragment hides it. */
const TOGETHER = 250;

class LivePart extends HTMLElement {
  connectedCallback() {
    document.addEventListener("live", (this.onLive = (event) => this.concerns(event.detail) && this.soon()));
  }

  disconnectedCallback() {
    document.removeEventListener("live", this.onLive);
    clearTimeout(this.waiting);
  }

  concerns({ topic, id }) {
    const topics = (this.dataset.on ?? "").split(" ");
    return topic === "*" || topics.includes(topic) || topics.includes(`${topic}:${id}`);
  }

  /* Many changes at once are one look. */
  soon() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.look(), TOGETHER);
  }

  async look() {
    const answer = await fetch(this.dataset.fragment, { headers: { "HX-Request": "true" }, credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok || answer.redirected || !this.isConnected || this.contains(document.activeElement)) return;
    const fragment = (await answer.text()).trim();
    if (fragment === this.shown) return;
    this.shown = fragment;
    this.innerHTML = fragment;
    this.hidden = !fragment;
    window.htmx?.process(this);
  }
}

customElements.define("live-part", LivePart);
