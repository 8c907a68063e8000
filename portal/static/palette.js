/* The palette: Ctrl-K or ⌘K opens it, arrows and Enter choose, Esc closes. Without it the button leads to the page of the search. */
(() => {
  "use strict";
  const doc = document, mac = /Mac|iP/.test(navigator.platform);
  const box = () => doc.getElementById("palette"), field = () => doc.getElementById("go"), list = () => doc.getElementById("hits");
  const link = () => doc.querySelector("[data-palette]"), options = () => [...list().querySelectorAll("a")];
  let asked = 0, patience, back;

  const choose = (option) => {
    options().forEach((each) => each.setAttribute("aria-selected", String(each === option)));
    option ? field().setAttribute("aria-activedescendant", option.id) : field().removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  };
  const ask = async () => {
    const mine = ++asked, url = new URL(link().href);
    url.searchParams.set("q", field().value);
    const answer = await fetch(url, { headers: { "HX-Request": "true", "X-Palette": "1" } }).catch(() => null);
    if (mine !== asked || !box().open) return;
    if (!answer?.ok || answer.redirected) { location.assign(link().href); return; }
    list().innerHTML = await answer.text();
    options().forEach((each) => each.setAttribute("role", "option"));
    choose(options()[0]);
  };
  const open = () => {
    if (!box() || box().open || doc.querySelector("dialog[open]")) return;
    back = doc.activeElement;
    field().value = "";
    list().replaceChildren();
    box().showModal();
    field().focus();
    ask();
  };
  doc.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "k" && (mac ? event.metaKey : event.ctrlKey) && !event.shiftKey && !event.altKey && link()) {
      event.preventDefault();
      open();
    }
    if (event.target !== field() || event.isComposing) return;
    const all = options(), at = all.findIndex((each) => each.getAttribute("aria-selected") === "true");
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: field().value ? null : 0, End: field().value ? null : all.length - 1 };
    if (moves[event.key] != null && all.length) {
      event.preventDefault();
      choose(all[(moves[event.key] + all.length) % all.length]);
    } else if (event.key === "Enter" && all[at]) {
      event.preventDefault();
      location.assign(all[at].href);
    }
  });
  doc.addEventListener("input", ({ target }) => {
    if (target !== field()) return;
    clearTimeout(patience);
    patience = setTimeout(ask, 120);
  });
  doc.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-palette]") && !event.ctrlKey && !event.metaKey && box()) {
      event.preventDefault();
      event.stopPropagation();
      open();
    } else if (event.target === box()) box().close();
  }, true);
  doc.addEventListener("close", ({ target }) => {
    if (target === box()) back?.isConnected ? back.focus() : link()?.focus();
  }, true);
  const keys = () => doc.querySelectorAll("[data-keys]").forEach((key) => { key.textContent = mac ? "⌘K" : "Ctrl K"; });
  doc.addEventListener("htmx:afterSettle", keys);
  keys();
})();
