/* <kept-focus>: the focus is never lost. When what had it is replaced or goes, it goes on to what asks for it in what came instead, to the
   same button there, to the first button there, to that of the strip, or to the heading; from words that were kept to the tab above
   them. Where it still is, it stays. */
const CAN_BE_PRESSED = "a[href], button, summary, input:not([type=hidden]), select, textarea";

class KeptFocus extends HTMLElement {
  connectedCallback() {
    this.stop = new AbortController();
    const { signal } = this.stop;
    document.addEventListener("focusin", ({ target }) => this.remember(target), { signal });
    document.addEventListener("htmx:afterSettle", ({ detail }) => this.moveOn(detail.elt), { signal });
    document.addEventListener("replaced", ({ target }) => this.moveOn(target), { signal });
  }

  disconnectedCallback() {
    this.stop.abort();
  }

  remember(element) {
    this.last = element;
    this.before = meaning(element);
    this.wrote = element.closest("reply-tabs") !== null;
  }

  moveOn(part) {
    if (document.activeElement && document.activeElement !== document.body) return;
    const asks = part.querySelector("[autofocus]") ?? part.querySelector("[aria-invalid=true]");
    if (asks) asks.focus();
    else if (this.isLost) this.follow(part)?.focus({ preventScroll: true });
  }

  get isLost() {
    return this.last && !(this.last.isConnected && this.last.checkVisibility());
  }

  follow(part) {
    const here = pressable(part);
    if (this.wrote) return here.find((each) => each.matches("[name=writing]:checked")) ?? heading();
    return here.find((each) => meaning(each) === this.before) ?? first(here) ?? first(pressable(document.getElementById("strip"))) ?? heading();
  }
}

function pressable(part) {
  return [...(part?.querySelectorAll(CAN_BE_PRESSED) ?? [])].filter((each) => !each.disabled && each.checkVisibility());
}

/* The first that does something, else the first that leads or opens somewhere. */
function first(here) {
  return here.find((each) => each.matches("button:not(.menu *)")) ?? here[0];
}

/* What a button does, by which it is known again. */
function meaning(element) {
  const [form, { id, name, value, textContent }] = [element.closest("form"), element];
  return JSON.stringify([id, form?.getAttribute("action"), name, value, element.matches("summary") ? textContent.trim() : ""]);
}

function heading() {
  const heading = document.querySelector("h1");
  heading?.setAttribute("tabindex", "-1");
  return heading;
}

customElements.define("kept-focus", KeptFocus);
