/* <hot-keys data-title data-close [data-off]>: presses what has the key in data-key. `data-off` leaves out single letters (WCAG 2.1.4).

   A key is "m", "?" or "Escape"; two after each other are "g t"; "Control+Enter" also means ⌘ and works while typing.
   The sheet of all keys (?) is made from the page: every data-key, and the pairs in data-also-keys (JSON) of other elements. */
const PAUSE_BETWEEN = 1200;
const MAC = /Mac|iP(hone|ad)/.test(navigator.platform);

class HotKeys extends HTMLElement {
  connectedCallback() {
    this.before = "";
    this.stop = new AbortController();
    document.addEventListener("keydown", (event) => this.withControl(event), { capture: true, signal: this.stop.signal });
    document.addEventListener("keydown", (event) => this.alone(event), { signal: this.stop.signal });
    if (MAC) this.showCommand();
    document.addEventListener("htmx:afterSettle", () => MAC && this.showCommand(), { signal: this.stop.signal });
  }

  disconnectedCallback() {
    this.stop.abort();
  }

  withControl(event) {
    if (!(event.ctrlKey || event.metaKey) || event.isComposing || event.altKey) return;
    const key = `Control+${event.shiftKey ? "Shift+" : ""}${event.key}`;
    const form = document.activeElement?.closest("form");
    const wanted = (form && this.find(key, form)) || this.find(key, document);
    if (wanted) this.press(wanted, event);
  }

  alone(event) {
    const letter = event.key.length === 1;
    // The editor takes Escape for itself; it is how one leaves it all the same.
    const taken = event.defaultPrevented && !(event.key === "Escape" && isTyping(event.target));
    const busy = taken || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.getModifierState("AltGraph");
    if (busy || document.querySelector("dialog:modal") || (letter && "off" in this.dataset)) return;
    if (event.key === "Escape" && document.querySelector(":popover-open, .menu[open]")) return;
    if (isTyping(event.target)) return event.key === "Escape" && leave(event.target, event);
    const key = letter && event.key !== "?" ? event.key.toLowerCase() : event.key;
    const wanted = this.find(`${this.before} ${key}`.trim(), document) || this.find(key, document);
    this.remember(this.before ? "" : key);
    if (wanted) this.press(wanted, event);
    else if (key === "?") this.sheet(event);
  }

  remember(key) {
    clearTimeout(this.forgetting);
    this.before = key;
    this.forgetting = setTimeout(() => (this.before = ""), PAUSE_BETWEEN);
  }

  find(key, within) {
    return [...within.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(canBePressed);
  }

  press(wanted, event) {
    event.preventDefault();
    event.stopPropagation();
    this.remember("");
    wanted.click();
    if (wanted.matches("summary, [type=search]")) wanted.focus();
    wanted.dispatchEvent(new CustomEvent("hot-key", { bubbles: true }));
  }

  sheet(event) {
    event.preventDefault();
    const dialog = document.createElement("dialog");
    dialog.className = "dialog";
    dialog.setAttribute("aria-labelledby", "keys-title");
    dialog.innerHTML = '<div class="dialog__head"><h2 class="dialog__title" id="keys-title"></h2><form method="dialog"><button class="button"></button></form></div><dl class="keys"></dl>';
    dialog.querySelector("h2").textContent = this.dataset.title;
    dialog.querySelector("button").textContent = this.dataset.close;
    dialog.querySelector("dl").append(...allKeys().map(([key, words]) => keyLine(key, words)));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  showCommand() {
    for (const cap of document.querySelectorAll("kbd.key")) cap.textContent = cap.textContent.replace("Ctrl\u2009", "⌘");
  }
}

function isTyping(element) {
  return element.isContentEditable || element.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=button], [type=submit])");
}

function leave(element, event) {
  event.preventDefault();
  element.blur();
}

function canBePressed(element) {
  if (element.disabled || element.closest("[hidden], [inert]")) return false;
  return element.checkVisibility() || element.closest("[popover], .menu__sheet") !== null;
}

function allKeys() {
  const keys = new Map();
  for (const element of document.querySelectorAll("[data-key]")) {
    if (canBePressed(element) && !keys.has(element.dataset.key)) keys.set(element.dataset.key, wordsOf(element));
  }
  for (const element of document.querySelectorAll("[data-also-keys]")) {
    for (const [key, words] of Object.entries(JSON.parse(element.dataset.alsoKeys))) keys.set(key, words);
  }
  return [...keys].filter(([, words]) => words);
}

function wordsOf(element) {
  const copy = (element.closest("label") ?? element).cloneNode(true);
  for (const aside of copy.querySelectorAll("kbd, .place__count")) aside.remove();
  return element.ariaLabel || copy.textContent.trim();
}

function keyLine(key, words) {
  const line = document.createElement("div");
  line.className = "keys__line";
  const name = document.createElement("dt");
  name.textContent = words;
  const caps = document.createElement("dd");
  for (const each of key.replace("Control+", MAC ? "⌘+" : "Ctrl+").replace("Shift+", "⇧+").replace("Enter", "↵").replace("Escape", "Esc").split(/[ +]/)) {
    const cap = document.createElement("kbd");
    cap.className = "key key--cap";
    cap.textContent = each.length === 1 ? each.toUpperCase() : each;
    caps.append(cap, " ");
  }
  line.append(name, caps);
  return line;
}

customElements.define("hot-keys", HotKeys);
