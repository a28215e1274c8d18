/* <contact-height data-page>: tells the page around the frame how high this one is, so that it needs no scroll bar of its own, and
   which one it is. Neither is a secret, so whichever page that is may hear it. */
class ContactHeight extends HTMLElement {
  connectedCallback() {
    if (parent === window) return;
    this.watch = new ResizeObserver(() => this.tell());
    this.watch.observe(document.body);
  }

  disconnectedCallback() {
    this.watch?.disconnect();
  }

  tell() {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    parent.postMessage({ touchline: { height, page: this.dataset.page, title: document.title } }, "*");
  }
}

customElements.define("contact-height", ContactHeight);
