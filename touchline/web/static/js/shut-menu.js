/* <shut-menu>: shuts the <details> in it by Escape, by a press elsewhere, and when the focus goes on. */
class ShutMenu extends HTMLElement {
  connectedCallback() {
    this.menu = this.querySelector("details");
    this.stop = new AbortController();
    const { signal } = this.stop;
    this.addEventListener("keydown", (event) => this.key(event), { signal });
    this.addEventListener("focusout", (event) => event.relatedTarget && this.elsewhere(event.relatedTarget), { signal });
    document.addEventListener("pointerdown", (event) => this.elsewhere(event.target), { signal });
  }

  disconnectedCallback() {
    this.stop.abort();
  }

  key(event) {
    if (event.key !== "Escape" || !this.menu.open) return;
    event.preventDefault();
    event.stopPropagation();
    this.menu.open = false;
    this.menu.querySelector("summary").focus();
  }

  elsewhere(target) {
    if (!this.contains(target)) this.menu.open = false;
  }
}

customElements.define("shut-menu", ShutMenu);
