/* The contact form on a page of somebody else: <script src="https://desk.example/contact/KEY/embed.js" defer></script> shows it where the script
   stands. data-button="Write to us" shows a button there that opens it; data-theme="light" or "dark" where the page knows which. It sets no
   cookie, keeps nothing, and touches nothing of the page but what it adds. */
(() => {
  const script = document.currentScript;
  const form = new URL("./", script.src);
  const told = { embedded: "", lang: document.documentElement.lang, theme: script.dataset.theme ?? "" };
  form.search = new URLSearchParams(Object.entries(told).filter(([name, value]) => value || name === "embedded")).toString();

  const frame = document.createElement("iframe");
  frame.src = form.href;
  frame.title = script.dataset.button ?? "";
  frame.loading = "eager";
  Object.assign(frame.style, { display: "block", width: "100%", height: "46rem", border: "0", colorScheme: "normal" });

  let page = "form";
  addEventListener("message", ({ source, origin, data }) => {
    const told = source === frame.contentWindow && origin === form.origin && data?.touchline;
    if (!told) return;
    frame.style.height = `${Math.min(Math.max(Number(told.height) || 0, 100), 10_000)}px`;
    frame.title = String(told.title ?? "");
    if (told.page !== page) frame.scrollIntoView({ block: "nearest" });
    page = told.page;
  });

  if (script.dataset.button) script.after(opener());
  else script.after(frame);

  function opener() {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: script.dataset.button });
    const dialog = document.createElement("dialog");
    const close = Object.assign(document.createElement("button"), { type: "button", textContent: "×", ariaLabel: script.dataset.close ?? "Close" });
    // The ground of the form itself, so that the two look like one.
    const ground = { colorScheme: script.dataset.theme ?? "light dark", background: "light-dark(white, oklch(24.5% .011 70))", color: "light-dark(black, white)" };
    Object.assign(dialog.style, { width: "min(34rem, 100vw)", maxWidth: "100%", maxHeight: "100%", padding: "0", border: "0", borderRadius: "10px", ...ground });
    Object.assign(close.style, { display: "block", width: "2.75rem", height: "2.75rem", marginInlineStart: "auto", border: "0", background: "none", color: "inherit", font: "1.5rem/1 sans-serif", cursor: "pointer" });
    close.addEventListener("click", () => dialog.close());
    dialog.append(close);
    button.addEventListener("click", () => {
      if (!frame.isConnected) dialog.append(frame);
      dialog.showModal();
    });
    const both = document.createDocumentFragment();
    both.append(button, dialog);
    return both;
  }
})();
