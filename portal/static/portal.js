/* What htmx and HTML leave open. Every page works without this file; nothing here decides anything. */
(() => {
  "use strict";
  const doc = document, root = doc.documentElement;
  root.classList.add("js");
  /* Here and not in each page: this file is fetched once. */
  Object.assign(htmx.config, {
    selfRequestsOnly: true, allowEval: false, allowScriptTags: false, includeIndicatorStyles: false, historyCacheSize: 0,
    attributesToSettle: ["class"], refreshOnHistoryMiss: true, scrollIntoViewOnBoost: false, defaultSettleDelay: 0,
    responseHandling: [
      { code: "204", swap: false }, { code: "[23]..", swap: true }, { code: "[45]..", swap: true, error: true },
    ],
  });
  const one = (selector, from = doc) => from.querySelector(selector);
  const all = (selector, from = doc) => [...from.querySelectorAll(selector)];
  const texts = () => one("meta[name=portal-texts]")?.dataset ?? {};
  const token = () => one("meta[name=csrf-token]")?.content ?? "";
  const on = (name, act, capture = false) => doc.addEventListener(name, act, capture);
  const onClick = (selector, act) => on("click", (event) => {
    const found = event.target.closest?.(selector);
    if (found && !event.defaultPrevented) act(found, event);
  }, true);
  const handled = (event) => { event.preventDefault(); event.stopImmediatePropagation(); };

  /* Outside the body, so that a swap of the body leaves it alone: readers only announce regions they knew before. */
  const live = doc.createElement("div");
  live.className = "sr";
  live.setAttribute("role", "status");
  root.append(live);
  const say = (text) => {
    live.textContent = "";
    if (text) setTimeout(() => { live.textContent = text; }, 100);
  };

  /* Toasts: gone after six seconds of nobody pointing at them; one that offers something stays. */
  const readToast = (toast) => {
    if (toast.dataset.read) return;
    toast.dataset.read = "1";
    say(one("span", toast).textContent);
    if (one("form", toast)) return;
    let timer;
    const start = () => { timer = setTimeout(() => toast.remove(), 6000); };
    const stop = () => clearTimeout(timer);
    for (const name of ["mouseenter", "focusin"]) toast.addEventListener(name, stop);
    for (const name of ["mouseleave", "focusout"]) toast.addEventListener(name, start);
    start();
  };
  const fail = () => {
    one("[data-fault]")?.remove();
    const note = doc.createElement("div"), text = doc.createElement("span"), close = doc.createElement("button");
    note.className = "toast";
    note.dataset.fault = "";
    text.textContent = texts().failed;
    close.className = "btn";
    close.type = "button";
    close.dataset.dismiss = "";
    close.textContent = texts().close;
    note.append(text, close);
    (one(".toasts") ?? doc.body).append(note);
    say(text.textContent);
  };
  onClick("[data-dismiss]", (button) => button.closest(".toast").remove());

  /* Requests in flight: the button says so, a second press does nothing, a line on top after 300 ms. */
  const line = doc.createElement("div");
  line.className = "loading";
  let flying = 0, patience;
  const busy = (form, submitter, state) => {
    form.toggleAttribute("data-busy", state);
    const button = submitter?.matches(".btn") ? submitter : one("[aria-busy], .btn.primary", form);
    for (const name of ["aria-busy", "aria-disabled"]) state ? button?.setAttribute(name, "true") : button?.removeAttribute(name);
  };
  on("submit", (event) => { if (event.target.hasAttribute("data-busy")) handled(event); }, true);
  on("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "dialog") return;
    busy(form, event.submitter, true);
    setTimeout(() => busy(form, event.submitter, false), 15000);
  });
  addEventListener("pageshow", () => all("form[data-busy]").forEach((form) => busy(form, null, false)));
  on("htmx:beforeRequest", ({ detail }) => {
    if (detail.elt.tagName === "FORM") busy(detail.elt, detail.requestConfig.triggeringEvent?.submitter, true);
    if (flying++ === 0) patience = setTimeout(() => { root.append(line); say(texts().loading); }, 300);
  });
  on("htmx:afterRequest", ({ detail }) => {
    if (detail.elt.tagName === "FORM") busy(detail.elt, null, false);
    if (--flying > 0) return;
    flying = 0;
    clearTimeout(patience);
    line.remove();
  });
  on("htmx:configRequest", ({ detail }) => { if (detail.verb !== "get") detail.headers["X-CSRFToken"] = token(); });
  on("htmx:sendError", ({ detail }) => {
    if (detail.boosted && detail.requestConfig.verb === "get") location.assign(detail.pathInfo.finalRequestPath);
    else fail();
  });

  /* A whole page takes the place of the whole page, whoever asked; its head counts too. */
  const sheets = (page) => all("link[rel=stylesheet], script[src]", page).map((node) => node.getAttribute("href") ?? node.getAttribute("src")).join();
  const adopt = (page) => {
    root.lang = page.documentElement.lang;
    theme(page.documentElement.dataset.theme);
    one("meta[name=csrf-token]").content = one("meta[name=csrf-token]", page)?.content ?? "";
    const wanted = all("link[rel=stylesheet]", page), present = all("link[rel=stylesheet]");
    const href = (link) => link.getAttribute("href");
    present.filter((link) => !wanted.some((other) => href(other) === href(link))).forEach((link) => link.remove());
    wanted.filter((link) => !present.some((other) => href(other) === href(link))).forEach((link) => doc.head.append(doc.adoptNode(link)));
    const boost = page.body.getAttribute("hx-boost");
    boost ? doc.body.setAttribute("hx-boost", boost) : doc.body.removeAttribute("hx-boost");
  };
  const theme = (value) => value === "light" || value === "dark" ? root.dataset.theme = value : delete root.dataset.theme;
  let before = null;
  on("htmx:beforeSwap", ({ detail }) => {
    const { xhr, requestConfig } = detail, failed = xhr.status >= 400;
    if (!(xhr.getResponseHeader("Content-Type") ?? "").startsWith("text/html")) {
      detail.shouldSwap = false;
      if (failed) fail();
      return;
    }
    before = { path: location.pathname, top: scrollY, mark: mark(asked?.opener ?? doc.activeElement), target: detail.target };
    if (!/<html[\s>]/i.test(detail.serverResponse) || !(detail.boosted || failed)) return;
    const page = new DOMParser().parseFromString(detail.serverResponse, "text/html");
    if (failed && asked && one("[data-question]", page)) {
      detail.shouldSwap = false;
      fill(asked.dialog, page);
    } else if (requestConfig.verb === "get" && !failed && sheets(page) !== sheets(doc)) {
      detail.shouldSwap = false;
      location.assign(xhr.responseURL);
    } else {
      adopt(page);
      before.whole = true;
      Object.assign(detail, { target: doc.body, swapOverride: "innerHTML", selectOverride: "unset" });
    }
  });
  on("htmx:beforeHistoryUpdate", ({ detail }) => {
    const here = location.pathname + location.search;
    const stay = detail.xhr.status >= 400 && detail.requestConfig.verb !== "get";
    if (stay || detail.history.path === here) Object.assign(detail.history, { type: "replace", path: here });
  });

  /* Focus: the first mistake, else where it was, else the heading. */
  const FOCUSABLE = "a[href], button, summary, input, select, textarea";
  const mark = (node) => !node || node === doc.body ? "" : node.id ? "#" + node.id
    : [node.tagName, node.name, node.getAttribute("href"), node.form?.getAttribute("action"), node.getAttribute("aria-label") ?? node.textContent.trim()].join("|");
  const arrive = ({ path, top, mark: last, target, whole }) => {
    const area = whole ? doc : target.isConnected ? target : doc;
    all("form[data-guard]", area).filter((form) => one("[aria-invalid=true]", form)).forEach((form) => { form.dataset.dirty = ""; });
    all(".toast", area).forEach(readToast);
    if (!whole) say(one("[role=status], [data-announce]", area)?.textContent.trim());
    if (!whole && doc.activeElement !== doc.body) return;
    const wrong = one("[aria-invalid=true]", area) ?? one("[data-errors]", area);
    const same = last && path === location.pathname && all(FOCUSABLE, area).find((node) => mark(node) === last);
    const anchor = whole && location.hash.length > 1 && doc.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (whole && !anchor) scrollTo(0, path === location.pathname ? top : 0);
    const goal = wrong ?? (anchor || same || one("h1, h2", whole ? one("main") : area));
    goal?.closest("dialog:not([open])")?.showModal();
    if (goal && !goal.matches(FOCUSABLE)) goal.tabIndex = -1;
    goal?.focus({ preventScroll: goal !== wrong && goal !== anchor });
  };
  /* Moments come in UTC, because the server does not know where the reader is. */
  const localise = () => all("time[datetime]").forEach((node) => {
    const tag = navigator.languages.find((each) => each.startsWith(root.lang)) ?? root.lang;
    node.textContent = new Date(node.dateTime).toLocaleString(tag, { dateStyle: "medium", timeStyle: "short" });
  });
  /* Days in a form are the reader's own; the server learns which zone that is when the form is sent. */
  const zones = () => all("[data-zone]").forEach((field) => { field.value = Intl.DateTimeFormat().resolvedOptions().timeZone; });
  localise();
  zones();
  on("htmx:afterSettle", () => {
    localise();
    zones();
    if (!before) return;
    const was = before;
    before = asked = null;
    arrive(was);
  });

  /* Questions: the confirmation page of a link, shown in place. Whatever goes wrong, the page itself is the answer. */
  let asked = null;
  const fill = (dialog, page) => {
    const question = doc.adoptNode(one("[data-question]", page)), title = one("h1", question), heading = doc.createElement("h2");
    heading.id = title.id;
    heading.tabIndex = -1;
    heading.append(...title.childNodes);
    title.replaceWith(heading);
    dialog.replaceChildren(question);
    htmx.process(dialog);
    (one("[aria-invalid=true], input:not([type=hidden])", dialog) ?? heading).focus();
  };
  const ask = async (link) => {
    try {
      const answer = await fetch(link.href);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!answer.ok || !one("[data-question]", page)) throw new Error("no question");
      const dialog = doc.createElement("dialog"), opener = link.closest(".menu")?.firstElementChild ?? link;
      dialog.setAttribute("aria-labelledby", "question");
      dialog.addEventListener("close", () => { dialog.remove(); asked = null; opener.focus(); });
      doc.body.append(dialog);
      asked = { dialog, opener };
      dialog.showModal();
      fill(dialog, page);
    } catch { location.assign(link.href); }
  };
  onClick("a[data-ask]", (link, event) => {
    /* Where a tenant's own script runs, what is decided is asked on a page of its own. */
    if (event.metaKey || event.ctrlKey || event.shiftKey || one("script[integrity]")) return;
    handled(event);
    close(link.closest(".menu"));
    ask(link);
  });
  onClick("dialog [data-cancel]", (link, event) => { handled(event); link.closest("dialog").close(); });
  if (!("commandForElement" in HTMLButtonElement.prototype)) onClick("[commandfor]", (button) => {
    const dialog = doc.getElementById(button.getAttribute("commandfor"));
    button.getAttribute("command") === "close" ? dialog?.close() : dialog?.showModal();
  });

  /* Menus. */
  const close = (menu) => { if (menu) menu.open = false; };
  on("click", ({ target }) => all("details.menu[open]").filter((menu) => !menu.contains(target)).forEach(close));
  on("focusout", ({ target, relatedTarget }) => {
    const menu = target.closest?.("details.menu[open]");
    if (menu && relatedTarget && !menu.contains(relatedTarget)) close(menu);
  });
  on("toggle", ({ target }) => {
    if (!target.matches("details.menu[open]:not(.up)")) return;
    const panel = one("div", target).getBoundingClientRect();
    if (panel.bottom > innerHeight && target.getBoundingClientRect().top > panel.height) target.classList.add("up");
  }, true);
  onClick("details.menu > div [commandfor]", (button) => close(button.closest(".menu")));
  on("keydown", (event) => {
    const menu = event.target.closest?.("details.menu"), head = menu?.firstElementChild;
    if (!menu || event.target.matches("input")) return;
    if (event.key === "Escape" && menu.open) { close(menu); head.focus(); return handled(event); }
    const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
    if (!step || (!menu.open && event.key !== "ArrowDown")) return;
    menu.open = true;
    const entries = all("div a, div button", menu);
    const at = entries.indexOf(event.target) + step;
    (event.target === head && step === -1 ? head : entries[Math.max(0, Math.min(entries.length - 1, at))])?.focus();
    handled(event);
  });
})();
