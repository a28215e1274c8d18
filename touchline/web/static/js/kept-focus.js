/* <kept-focus>: after a swap the focus goes on to where the hand is: what asks for it, the field in error, or what was swapped in. */
class KeptFocus extends HTMLElement {
  connectedCallback() {
    document.addEventListener("htmx:afterSettle", (this.onSettle = (event) => this.moveOn(event.detail.elt)));
  }

  disconnectedCallback() {
    document.removeEventListener("htmx:afterSettle", this.onSettle);
  }

  moveOn(part) {
    if (document.activeElement && document.activeElement !== document.body) return;
    const wanted = part.querySelector("[autofocus]") ?? part.querySelector("[aria-invalid=true]") ?? part.closest("[tabindex]");
    wanted?.focus({ preventScroll: !wanted.matches("[autofocus], [aria-invalid]") });
  }
}

customElements.define("kept-focus", KeptFocus);
