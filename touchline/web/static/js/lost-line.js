/* <lost-line>: is hidden until something could not be sent, then says so with its own words, and hides again when something can. */
class LostLine extends HTMLElement {
  connectedCallback() {
    this.stop = new AbortController();
    const { signal } = this.stop;
    for (const trouble of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
      document.addEventListener(trouble, () => (this.hidden = false), { signal });
    }
    document.addEventListener("htmx:afterSwap", () => (this.hidden = true), { signal });
  }

  disconnectedCallback() {
    this.stop.abort();
  }
}

customElements.define("lost-line", LostLine);
