/* <setup-token>: the one-time link's token stands in the fragment, which no server sees. It goes into the field within, the field out
   of sight, and the fragment out of the address, so that no history keeps it. Without a token the field stays, to be pasted into. */
class SetupToken extends HTMLElement {
  connectedCallback() {
    const field = this.querySelector("input");
    const token = location.hash.slice(1);
    if (token) {
      field.value = token;
      history.replaceState(history.state, "", location.pathname + location.search);
    }
    this.hidden = field.value !== "" && field.ariaInvalid !== "true";
  }
}

customElements.define("setup-token", SetupToken);
