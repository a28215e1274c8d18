/* <reply-box data-kind data-editor …>: makes its textarea a place to write well in. The editor is fetched when someone starts to
   write; until it is there, and where it never comes, the textarea stays. Files are sent ahead as they are added (reply-files). */
class ReplyBox extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.area = this.querySelector("textarea");
    this.stop = new AbortController();
    const { signal } = this.stop;
    this.addEventListener("focusin", (event) => event.target === this.area && this.start(), { signal });
    this.area.addEventListener("compositionstart", () => (this.composing = true), { signal });
    this.area.addEventListener("compositionend", () => (this.composing = false), { signal });
    this.addEventListener("draft-back", (event) => this.bringBack(event.detail), { signal });
    this.addEventListener("click", (event) => this.useTool(event.target.closest("[data-tool]")), { signal });
    if (this.area.dataset.html && this.checkVisibility()) this.start();
  }

  disconnectedCallback() {
    this.stop.abort();
    this.editor?.destroy();
  }

  /* Where the hand was, or, in a draft that it has not been in yet, at the end. */
  focusWords() {
    if (this.editor) this.editor.commands.focus(this.entered ? null : "end");
    else this.focusAreaAtEnd();
  }

  focusAreaAtEnd() {
    this.area.focus();
    this.area.setSelectionRange(this.area.value.length, this.area.value.length);
  }

  bringBack({ words, are }) {
    if (are === "html") {
      this.area.dataset.html = words;
      this.start();
    } else {
      this.area.value = words;
    }
  }

  start() {
    // Where it cannot be fetched the textarea stays, and the next time someone starts to write it is tried again.
    this.starting ??= this.fetchEditor().catch(() => (this.starting = null));
    return this.starting;
  }

  async fetchEditor() {
    const parts = await import(this.dataset.editor);
    if (this.composing) await new Promise((done) => this.area.addEventListener("compositionend", done, { once: true }));
    if (this.isConnected) this.replaceArea(parts);
  }

  replaceArea(parts) {
    const focused = this.area.matches(":focus");
    const at = this.area.selectionStart;
    const edited = this.area.value !== this.area.defaultValue;
    const html = this.area.dataset.html && !edited ? this.area.dataset.html : asHtml(this.area.value);
    const place = document.createElement("div");
    this.area.before(place);
    this.area.hidden = true;
    this.editor = new parts.Editor({
      element: place,
      injectCSS: false,
      extensions: extensions(parts, this.area.placeholder),
      content: html,
      editorProps: {
        attributes: { class: "reply-box__words words", role: "textbox", "aria-multiline": "true", "aria-label": this.area.ariaLabel },
        handlePaste: (view, event) => this.offer(event.clipboardData, view.state.selection.from),
        handleDrop: (view, event, _slice, moved) => !moved && this.offer(event.dataTransfer, placeOf(view, event)),
      },
      onFocus: () => (this.entered = true),
      onUpdate: () => this.write(),
      onTransaction: ({ editor }) => this.showTools(editor),
    });
    this.form.elements.words_are.value = "html";
    this.area.value = this.editor.isEmpty ? "" : this.editor.getHTML();
    this.querySelector("[data-tools]").hidden = false;
    // A paragraph's two line ends are its end and the next one's start, so places in the text and in the document differ by one.
    if (focused) this.editor.commands.focus(this.area.dataset.html && !edited ? "end" : Math.min(at + 1, this.editor.state.doc.content.size - 1));
    this.showTools(this.editor);
  }

  write() {
    this.area.value = this.editor.isEmpty ? "" : this.editor.getHTML();
    this.area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /* Files that are pasted or dropped are the neighbour's work; a picture comes back to stand where it was let go. Words that bring a
     picture of themselves along, as those of a spreadsheet do, are words. */
  offer(data, at) {
    const areWords = data?.types.includes("text/html") && data.getData("text/plain").trim();
    if (!data?.files.length || areWords) return false;
    const files = [...data.files].filter((file) => !PICTURE.test(file.type));
    if (files.length) this.dispatchEvent(new CustomEvent("files", { detail: files }));
    for (const file of data.files) if (PICTURE.test(file.type)) this.askForPicture(file, at);
    return true;
  }

  askForPicture(file, at) {
    const { editor } = this;
    const follow = ({ transaction }) => (at = transaction.mapping.map(at));
    editor.on("transaction", follow);
    const place = ({ url, name }) => {
      if (editor.isDestroyed) return;
      editor.off("transaction", follow);
      const updateSelection = editor.state.selection.from === at;
      editor.chain().insertContentAt(at, { type: "picture", attrs: { src: url, alt: name } }, { updateSelection }).run();
    };
    this.dispatchEvent(new CustomEvent("picture", { detail: { file, place } }));
  }

  showTools(editor) {
    for (const button of this.querySelectorAll("[data-tool]")) {
      button.setAttribute("aria-pressed", String(editor.isActive(TOOLS[button.dataset.tool].name)));
    }
  }

  useTool(button) {
    if (!button || !this.editor) return;
    if (button.dataset.tool === "link") this.askForLink();
    else TOOLS[button.dataset.tool].toggle(this.editor.chain().focus()).run();
  }

  askForLink() {
    this.querySelector(".editor__link")?.remove();
    const ask = document.createElement("div");
    ask.className = "editor__link";
    const address = Object.assign(document.createElement("input"), { type: "url", className: "input", ariaLabel: this.dataset.link, placeholder: "https://" });
    address.value = this.editor.getAttributes("link").href ?? "";
    const set = this.small(this.dataset.setLink, () => this.setLink(address.value, ask));
    const none = this.small(this.dataset.noLink, () => this.setLink("", ask));
    address.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      if (event.key === "Enter") this.setLink(address.value, ask);
      else this.forgetLink(ask);
    });
    ask.append(address, set, none);
    this.querySelector("[data-tools]").after(ask);
    address.focus();
  }

  forgetLink(ask) {
    ask.remove();
    this.editor.commands.focus();
  }

  setLink(address, ask) {
    ask.remove();
    const chain = this.editor.chain().focus().extendMarkRange("link");
    const href = /^[a-z][a-z0-9+.-]*:/i.test(address) ? address : `https://${address}`;
    if (!address) chain.unsetLink().run();
    else if (this.editor.state.selection.empty && !this.editor.isActive("link")) {
      chain.insertContent([{ type: "text", text: address, marks: [{ type: "link", attrs: { href } }] }]).run();
    } else chain.setLink({ href }).run();
  }

  small(words, does) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button button--small", textContent: words });
    button.addEventListener("click", does);
    return button;
  }
}

const TOOLS = {
  bold: { name: "bold", toggle: (chain) => chain.toggleBold() },
  italic: { name: "italic", toggle: (chain) => chain.toggleItalic() },
  bullets: { name: "bulletList", toggle: (chain) => chain.toggleBulletList() },
  numbers: { name: "orderedList", toggle: (chain) => chain.toggleOrderedList() },
  quote: { name: "blockquote", toggle: (chain) => chain.toggleBlockquote() },
  code: { name: "code", toggle: (chain) => chain.toggleCode() },
  link: { name: "link" },
};

const PICTURE = /^image\/(png|jpeg|gif|webp)$/;

function placeOf(view, { clientX, clientY }) {
  return view.posAtCoords({ left: clientX, top: clientY })?.pos ?? view.state.selection.from;
}

/* A picture among the words: only ever a file of this desk, never one from elsewhere. */
function picture(parts) {
  return parts.Node.create({
    name: "picture",
    group: "inline",
    inline: true,
    draggable: true,
    addAttributes: () => ({ src: { default: null }, alt: { default: "" } }),
    parseHTML: () => [{ tag: 'img[src^="/files/"]' }],
    renderHTML: ({ HTMLAttributes }) => ["img", HTMLAttributes],
  });
}

function extensions(parts, placeholder) {
  const { Document, Paragraph, Text, Bold, Italic, Strike, Code, CodeBlock, Blockquote, BulletList, OrderedList, ListItem, History, Dropcursor, Gapcursor } = parts;
  return [
    Document, Paragraph, Text, Bold, Italic, Strike, Code, CodeBlock, Blockquote, BulletList, OrderedList, ListItem, History, Dropcursor, Gapcursor,
    // Ctrl+Enter sends and Ctrl+K finds; neither is the editor's.
    parts.HardBreak.extend({ addKeyboardShortcuts() { return { "Shift-Enter": () => this.editor.commands.setHardBreak() }; } }),
    parts.Link.extend({ addKeyboardShortcuts: () => ({}) }).configure({ openOnClick: false, autolink: true, linkOnPaste: true, protocols: ["mailto", "tel"] }),
    picture(parts),
    parts.Placeholder.configure({ placeholder }),
  ];
}

function asHtml(text) {
  const escaped = Object.assign(document.createElement("p"), { textContent: text.replaceAll("\r", "") }).innerHTML;
  return escaped.split("\n\n").map((paragraph) => `<p>${paragraph.replaceAll("\n", "<br>")}</p>`).join("");
}

customElements.define("reply-box", ReplyBox);
