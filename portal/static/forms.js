/* Comforts of forms: the theme at once, copying, several values of one name, a word before unsaved input is lost. */
(() => {
  "use strict";
  const doc = document, root = doc.documentElement;
  const all = (selector, from = doc) => [...from.querySelectorAll(selector)];
  const texts = () => doc.querySelector("meta[name=portal-texts]")?.dataset ?? {};
  const onClick = (selector, act) => doc.addEventListener("click", (event) => {
    const found = event.target.closest?.(selector);
    if (found) act(found, event);
  });

  doc.addEventListener("change", async ({ target }) => {
    const form = target.closest?.("[data-theme-form]");
    if (!form) return;
    target.value === "system" ? delete root.dataset.theme : root.dataset.theme = target.value;
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" }).catch(() => null);
    if (!answer || answer.status >= 400) form.requestSubmit();
  });

  /* `data-colour`: the browser's picker and the text beside it say the same. */
  doc.addEventListener("input", ({ target }) => {
    const list = target.closest?.("li"), picker = list?.querySelector("[data-colour]");
    if (!picker) return;
    const text = doc.getElementById(picker.dataset.colour);
    if (target === picker) text.value = picker.value;
    else if (/^#[0-9a-f]{6}$/i.test(text.value)) picker.value = text.value;
  }, true);

  /* `data-copy` names an input; `data-copy-text` holds the text itself. */
  onClick("[data-copy], [data-copy-text]", async (button) => {
    const input = doc.getElementById(button.dataset.copy), label = button.querySelector("span"), before = label.textContent;
    try {
      await navigator.clipboard.writeText(input ? input.value : button.dataset.copyText);
    } catch {
      input?.select();
      doc.execCommand("copy");
    }
    if (before === texts().copied) return;
    label.textContent = texts().copied;
    label.setAttribute("role", "status");
    setTimeout(() => { label.textContent = before; label.removeAttribute("role"); }, 2000);
  });

  /* Several values: rows are numbered for readers and for the server. */
  const number = (group) => all("[data-row]", group).forEach((row, index) => {
    const inputs = all("input", row), button = row.querySelector("[data-remove]"), name = group.querySelector("legend").firstChild.textContent.trim();
    inputs.forEach((input) => input.setAttribute("aria-label", `${input.dataset.label ?? name} ${index + 1}`));
    button.value = `${inputs[0].name}:${index}`;
    button.querySelector("span:last-child").textContent = ` ${name} ${index + 1}`;
  });
  const touch = (group) => {
    number(group);
    if (group.closest("form")) group.closest("form").dataset.dirty = "";
  };
  onClick("[data-multi] [data-add]", (button, event) => {
    event.preventDefault();
    const group = button.closest("[data-multi]"), last = all("[data-row]", group).at(-1), row = last.cloneNode(true);
    all("input", row).forEach((input) => {
      input.value = "";
      for (const name of ["value", "aria-invalid", "aria-describedby"]) input.removeAttribute(name);
    });
    last.after(row);
    touch(group);
    row.querySelector("input").focus();
  });
  onClick("[data-multi] [data-remove]", (button, event) => {
    event.preventDefault();
    const group = button.closest("[data-multi]"), row = button.closest("[data-row]"), rows = all("[data-row]", group);
    const next = (rows[rows.indexOf(row) + 1] ?? rows[rows.indexOf(row) - 1] ?? row).querySelector("input");
    rows.length > 1 ? row.remove() : all("input", row).forEach((input) => { input.value = ""; });
    touch(group);
    next.focus();
  });

  /* Unsaved input. */
  const changed = (field) => field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked
    : field.tagName === "SELECT" ? [...field.options].some((option) => option.selected !== option.defaultSelected && (option.defaultSelected || option.index > 0))
    : field.type !== "hidden" && "defaultValue" in field && field.value !== field.defaultValue;
  const unsaved = (except) => all("form[data-guard]:not([data-busy])")
    .filter((form) => form !== except && ("dirty" in form.dataset || [...form.elements].some(changed)));
  doc.addEventListener("reset", ({ target }) => delete target.dataset.dirty);
  addEventListener("beforeunload", (event) => { if (unsaved().length) event.preventDefault(); });
  doc.addEventListener("htmx:confirm", (event) => {
    const { elt } = event.detail;
    if (!elt.matches("a:not([hx-get]), form:not([hx-post])")) return;
    const lost = unsaved(elt);
    if (lost.length && !confirm(texts().unsaved)) return event.preventDefault();
    lost.forEach((form) => { form.reset(); });
  });
})();
