/* <copy-words data-copy data-copied>: a button beside a field that copies what stands in it. Without one it can be selected by hand. */
class CopyWords extends HTMLElement {
  connectedCallback() {
    const field = this.querySelector("input");
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.className = "button";
    this.button.textContent = this.dataset.copy;
    this.button.addEventListener("click", () => this.copy(field));
    field.addEventListener("focus", () => field.select());
    this.append(this.button);
  }

  disconnectedCallback() {
    this.button.remove();
  }

  async copy(field) {
    try {
      await navigator.clipboard.writeText(field.value);
      this.button.textContent = this.dataset.copied;
    } catch {
      field.focus(); // not over plain HTTP: it is selected, and the keys that copy are known
    }
  }
}

customElements.define("copy-words", CopyWords);
