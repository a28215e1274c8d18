/* <contact-form data-sending data-lost data-most data-large>: sends its form without leaving the page, so that on a bad line no word and
   no chosen file is lost; what the server answers takes the place of the form. Without it the form posts as forms do. */
class ContactForm extends HTMLElement {
  connectedCallback() {
    this.stop = new AbortController();
    this.addEventListener("submit", (event) => this.send(event), { signal: this.stop.signal });
    this.ready();
  }

  disconnectedCallback() {
    this.stop.abort();
  }

  /* What is missing is said by the server in words beside the field, rather than by the browser in a bubble. */
  ready() {
    this.querySelector("form").noValidate = true;
  }

  async send(event) {
    event.preventDefault();
    if (this.sending) return;
    const files = [...(this.querySelector("[type=file]")?.files ?? [])];
    if (files.reduce((sum, file) => sum + file.size, 0) > Number(this.dataset.most)) {
      this.say(this.dataset.large);
      return;
    }
    const form = event.target;
    const button = form.querySelector("button");
    const words = button.textContent;
    this.sending = true;
    button.setAttribute("aria-disabled", "true");
    button.textContent = this.dataset.sending;
    document.getElementById("said").textContent = this.dataset.sending;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), credentials: "same-origin" });
      if (answer.redirected && answer.ok) {
        location.assign(answer.url);
        return;
      }
      this.show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      this.say(this.dataset.lost);
    } finally {
      this.sending = false;
      button.removeAttribute("aria-disabled");
      button.textContent = words;
      document.getElementById("said").textContent = "";
    }
  }

  /* The form as it came back, with the files that were chosen: a page cannot put those into a field, but it can keep the field. */
  show(page) {
    const back = page.querySelector("contact-form");
    if (!back) throw new Error("this is no page of the form");
    const [chosen, empty] = [this.querySelector("[type=file]"), back.querySelector("[type=file]")];
    if (chosen && empty) {
      if (!empty.ariaInvalid || chosen.files.length) back.querySelector("#field-files-error")?.remove();
      empty.replaceWith(chosen);
    }
    this.replaceChildren(...back.childNodes);
    this.ready();
    (this.querySelector("[aria-invalid=true]") ?? this.querySelector("#trouble"))?.focus();
  }

  say(words) {
    const page = document.createElement("template");
    page.innerHTML = '<div class="notice notice--back" id="trouble" tabindex="-1" role="alert"><div class="notice__words"></div></div>';
    const line = page.content.firstElementChild;
    line.querySelector(".notice__words").textContent = words;
    this.querySelector("#trouble")?.remove();
    this.querySelector("form").before(line);
    line.focus();
  }
}

customElements.define("contact-form", ContactForm);
