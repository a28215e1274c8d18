/* <seen-password data-show data-hide data-label>: a button beside a password that shows it, and hides it again before it is sent. */
class SeenPassword extends HTMLElement {
  connectedCallback() {
    this.field = this.querySelector("input");
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.className = "button";
    this.button.ariaLabel = this.dataset.label;
    this.button.addEventListener("click", () => this.show(this.field.type === "password"));
    this.append(this.button);
    this.field.form?.addEventListener("submit", (this.onSubmit = () => this.show(false)));
    this.show(false);
  }

  disconnectedCallback() {
    this.field.form?.removeEventListener("submit", this.onSubmit);
    this.button.remove();
  }

  show(seen) {
    this.field.type = seen ? "text" : "password";
    this.button.ariaPressed = String(seen);
    this.button.textContent = seen ? this.dataset.hide : this.dataset.show;
  }
}

customElements.define("seen-password", SeenPassword);
