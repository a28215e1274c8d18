/* <talk-place data-of data-to>: opens a conversation (data-of) where reading goes on: at the message data-to, unless the address names
   one. When an action swaps the same talk in again with nothing new to read, it stands where it stood. */
const leftAt = new Map();

class TalkPlace extends HTMLElement {
  connectedCallback() {
    this.talk = this.parentElement;
    const left = leftAt.get(this.dataset.of);
    if (left?.to === this.dataset.to) this.talk.scrollTop = left.top;
    else if (!location.hash) document.getElementById(this.dataset.to)?.scrollIntoView({ block: "start" });
    this.talk.addEventListener("scroll", (this.onScroll = () => this.keep()), { passive: true });
    this.keep();
  }

  disconnectedCallback() {
    this.talk.removeEventListener("scroll", this.onScroll);
  }

  keep() {
    leftAt.set(this.dataset.of, { to: this.dataset.to, top: this.talk.scrollTop });
  }
}

customElements.define("talk-place", TalkPlace);
