/* <undo-toast data-seconds data-words>: says what was done, and goes when it can no longer be taken back. It counts quietly, and
   waits while the hand or the focus is on it. */
class UndoToast extends HTMLElement {
  connectedCallback() {
    document.getElementById("said").textContent = this.dataset.words;
    const seconds = Number(this.dataset.seconds);
    if (seconds) this.going = setTimeout(() => this.go(), seconds * 1000);
  }

  disconnectedCallback() {
    clearTimeout(this.going);
  }

  go() {
    if (this.querySelector(".toast:hover") || this.contains(document.activeElement)) this.going = setTimeout(() => this.go(), 1000);
    else this.remove();
  }
}

customElements.define("undo-toast", UndoToast);
