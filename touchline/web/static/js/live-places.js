/* <live-places data-fragment>: keeps the counts beside the places true. Only the numbers change; nothing moves. */
const TOGETHER = 300;

class LivePlaces extends HTMLElement {
  connectedCallback() {
    document.addEventListener("live", (this.onLive = ({ detail }) => ["places", "*"].includes(detail.topic) && this.soon()));
  }

  disconnectedCallback() {
    document.removeEventListener("live", this.onLive);
    clearTimeout(this.waiting);
  }

  soon() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.look(), TOGETHER);
  }

  async look() {
    const answer = await fetch(this.dataset.fragment, { headers: { "HX-Request": "true" }, credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok) return;
    const template = document.createElement("template");
    template.innerHTML = await answer.text();
    for (const fresh of template.content.querySelectorAll("a.place")) {
      const place = document.querySelector(`a.place[href="${CSS.escape(fresh.getAttribute("href"))}"]`);
      const [now, then] = [fresh.querySelector(".place__count"), place?.querySelector(".place__count")];
      if (now && then) then.textContent = now.textContent;
      else if (now) place?.append(" ", now);
      else then?.remove();
    }
  }
}

customElements.define("live-places", LivePlaces);
