/* <theme-switch data-label data-system data-light data-dark [data-save data-token]>: light, dark, or as the system. A cookie keeps it, and
   for a teammate data-save too, so that the server writes the choice into the page and nothing flashes. */
const YEAR = 60 * 60 * 24 * 365;

class ThemeSwitch extends HTMLElement {
  connectedCallback() {
    const choice = document.createElement("select");
    choice.className = "theme-switch__choice";
    choice.ariaLabel = this.dataset.label;
    for (const theme of ["system", "light", "dark"]) choice.append(new Option(this.dataset[theme], theme));
    choice.value = document.documentElement.dataset.theme ?? "system";
    choice.addEventListener("change", () => this.choose(choice.value));
    this.replaceChildren(choice);
  }

  choose(theme) {
    const kept = theme !== "system";
    if (kept) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `theme=${kept ? theme : ""}; path=/; max-age=${kept ? YEAR : 0}; samesite=lax${secure}`;
    if (this.dataset.save) this.save(kept ? theme : "");
  }

  save(theme) {
    const body = new URLSearchParams({ theme, csrfmiddlewaretoken: this.dataset.token });
    fetch(this.dataset.save, { method: "POST", body, keepalive: true, credentials: "same-origin" });
  }
}

customElements.define("theme-switch", ThemeSwitch);
