/* <mail-frame>: gives the frame in it the height of the mail it shows, also when a picture comes late. The frame runs no scripts. */
class MailFrame extends HTMLElement {
  connectedCallback() {
    this.frame = this.querySelector("iframe");
    this.frame.addEventListener("load", (this.onLoad = () => this.watch()));
    if (this.frame.contentDocument?.readyState === "complete") this.watch();
  }

  disconnectedCallback() {
    this.frame.removeEventListener("load", this.onLoad);
    this.watching?.disconnect();
  }

  watch() {
    const page = this.frame.contentDocument?.documentElement;
    if (!page) return;
    this.watching?.disconnect();
    this.watching = new ResizeObserver(() => this.fit(page));
    this.watching.observe(page.querySelector("body") ?? page);
    this.fit(page);
  }

  fit(page) {
    const bar = page.scrollWidth > page.clientWidth ? 18 : 0;
    this.frame.style.blockSize = `${Math.ceil((page.querySelector("body") ?? page).getBoundingClientRect().height + bar + 16)}px`;
  }
}

customElements.define("mail-frame", MailFrame);
