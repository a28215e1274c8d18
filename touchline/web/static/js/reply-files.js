/* <reply-files data-upload data-failed data-remove data-adding>: sends the files of its form ahead as they are chosen, pasted or
   dropped, and lists them. Each stands in the form as a hidden `upload` with the id that the server gave ({id, name, size}); a picture
   that the reply box asked for goes into its words instead, where the server says that it can ({url, inline}). */
class ReplyFiles extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form");
    this.list = this.querySelector("ul");
    this.coming = 0;
    if (!this.dataset.upload) return;
    this.stop = new AbortController();
    const { signal } = this.stop;
    const box = this.closest("reply-box");
    this.form.elements.files.addEventListener("change", (event) => this.chosen(event.target), { signal });
    this.form.addEventListener("paste", (event) => this.carried(event, event.clipboardData), { signal });
    this.form.addEventListener("dragover", (event) => this.hover(event), { signal });
    this.form.addEventListener("dragleave", () => box.classList.remove("reply-box--dragging"), { signal });
    this.form.addEventListener("drop", (event) => this.carried(event, event.dataTransfer), { signal });
    box.addEventListener("files", (event) => this.add(event.detail), { signal });
    box.addEventListener("picture", ({ detail }) => this.send(detail.file, detail.place), { signal });
    box.addEventListener("submit", (event) => this.holdBack(event), { signal, capture: true });
    this.addEventListener("click", (event) => this.remove(event.target.closest("[data-remove]")), { signal });
  }

  disconnectedCallback() {
    this.stop?.abort();
  }

  chosen(input) {
    this.add([...input.files]);
    input.value = "";
  }

  carried(event, data) {
    this.closest("reply-box").classList.remove("reply-box--dragging");
    if (event.defaultPrevented || !data?.files.length) return;
    event.preventDefault();
    this.add([...data.files]);
  }

  hover(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.closest("reply-box").classList.add("reply-box--dragging");
  }

  add(files) {
    for (const file of files) this.send(file);
  }

  async send(file, place = null) {
    const line = this.line(file.name, this.dataset.adding);
    this.coming += 1;
    try {
      const body = new FormData();
      body.append("csrfmiddlewaretoken", this.form.elements.csrfmiddlewaretoken.value);
      body.append("kind", this.form.elements.kind.value);
      if (place) body.append("inline", "1");
      body.append("file", file);
      const answer = await fetch(this.dataset.upload, { method: "POST", body, credentials: "same-origin" });
      const told = await answer.json().catch(() => ({}));
      if (!answer.ok) throw new Error(told.error);
      if (told.inline) {
        line.remove();
        place(told);
      } else {
        this.arrived(line, told);
      }
    } catch (trouble) {
      line.classList.add("attachment--failed");
      line.querySelector(".attachment__size").textContent = (trouble instanceof TypeError ? "" : trouble.message) || this.dataset.failed;
    }
    this.coming -= 1;
    if (!this.coming && this.held) this.form.requestSubmit(this.held);
  }

  line(name, words) {
    const line = document.createElement("li");
    line.className = "attachment";
    line.innerHTML = '<span class="attachment__name"></span> <span class="attachment__size"></span><button class="button button--quiet button--small" type="button" data-remove></button>';
    line.querySelector(".attachment__name").textContent = name;
    line.querySelector(".attachment__size").textContent = words;
    line.querySelector("button").textContent = this.dataset.remove;
    line.querySelector("button").ariaLabel = `${this.dataset.remove}: ${name}`;
    this.list.append(line);
    return line;
  }

  arrived(line, { id, name, size }) {
    line.querySelector(".attachment__name").textContent = name;
    line.querySelector(".attachment__size").textContent = size;
    line.append(Object.assign(document.createElement("input"), { type: "hidden", name: "upload", value: id }));
    this.changed();
  }

  remove(button) {
    if (!button) return;
    button.closest("li").remove();
    this.changed();
    this.form.querySelector("[type=file]").focus();
  }

  changed() {
    this.form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /* Nothing is sent without a file that is still on its way. */
  holdBack(event) {
    if (!this.coming) {
      this.held = null;
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    this.held = event.submitter;
    document.getElementById("said").textContent = this.dataset.adding;
  }
}

customElements.define("reply-files", ReplyFiles);
