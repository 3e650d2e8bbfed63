// Saves a practised person time. Every page does its work without this file.
import { initAll } from "../vendor/govuk/govuk-frontend.min.js";

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);

// -- Selecting rows ------------------------------------------------------------------------------------------

function boxesOf(form) {
  return all("[data-select]", form);
}

function showCount(form) {
  const boxes = boxesOf(form);
  const chosen = boxes.filter((box) => box.checked).length;
  const count = one("[data-bulk-count]", form);
  const everything = one("[data-select-all]", form);
  count.dataset.otherwise ??= count.textContent;
  count.textContent = chosen ? `${chosen} of ${boxes.length} selected` : count.dataset.otherwise;
  form.classList.toggle("desk-bulk-form--active", chosen > 0);
  if (everything) {
    everything.checked = chosen > 0 && chosen === boxes.length;
    everything.indeterminate = chosen > 0 && chosen < boxes.length;
  }
  for (const box of boxes) box.closest("tr")?.classList.toggle("desk-row--selected", box.checked);
}

function selectAll(form, checked) {
  for (const box of boxesOf(form)) box.checked = checked;
  showCount(form);
}

function prepareBulkForm(form) {
  let last = null;
  const everything = one("[data-select-all]", form);
  if (everything) {
    everything.hidden = false;
    everything.addEventListener("change", () => selectAll(form, everything.checked));
  }
  form.addEventListener("click", ({ target, shiftKey }) => {
    if (!target.matches("[data-select]")) return;
    const boxes = boxesOf(form);
    if (shiftKey && last) {
      const [from, to] = [boxes.indexOf(last), boxes.indexOf(target)].sort((a, b) => a - b);
      for (const box of boxes.slice(from, to + 1)) box.checked = target.checked;
    }
    last = target;
    showCount(form);
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name === "everything" || boxesOf(form).some((box) => box.checked)) return;
    event.preventDefault();
    one("[data-bulk-count]", form).textContent = `Select ${form.dataset.bulk} first.`;
    boxesOf(form)[0]?.focus();
  });
  showCount(form);
}

// -- Keyboard ------------------------------------------------------------------------------------------------

const KEYS_OFF = "takedown-desk-keys-off";

function shortcutsAreOn() {
  try {
    return localStorage.getItem(KEYS_OFF) === null;
  } catch {
    return true;
  }
}

function switchShortcuts(on) {
  try {
    if (on) localStorage.removeItem(KEYS_OFF);
    else localStorage.setItem(KEYS_OFF, "yes");
  } catch {
    // A browser that keeps nothing keeps them on.
  }
}

function moveRow(step) {
  const rows = all(".desk-table tbody tr").filter((row) => row.offsetParent !== null);
  if (!rows.length) return;
  const here = rows.indexOf(document.activeElement?.closest("tr"));
  const row = rows[here < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, here + step))];
  row.tabIndex = -1;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function currentRow() {
  const row = document.activeElement;
  return row?.matches(".desk-table tbody tr") ? row : null;
}

function toggleRow() {
  const box = one("[data-select]", document.activeElement?.closest("tr") ?? document.createElement("tr"));
  box?.click();
}

function toggleAllRows() {
  const everything = one("[data-select-all]");
  everything?.click();
}

function openRow() {
  const row = currentRow();
  one("[data-open], a[href]", row ?? document.createElement("tr"))?.click();
}

function search() {
  const panel = one("[data-filter]");
  if (!panel) return;
  showFilter(panel, true);
  one("input[type=search], input:not([type=hidden]), select, textarea", panel)?.focus();
}

function showKeys() {
  const dialog = one("#keys");
  if (dialog.open) dialog.close();
  else dialog.showModal();
}

const SHORTCUTS = {
  j: () => moveRow(1),
  k: () => moveRow(-1),
  x: toggleRow,
  a: toggleAllRows,
  "/": search,
  "?": showKeys,
};

function pressed(event) {
  if (event.key === "Escape") blurMedia();
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const typing = event.target.matches("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio])");
  if (typing || !shortcutsAreOn() || (one("dialog[open]") && event.key !== "?")) return;
  if (event.key === "Enter") {
    if (currentRow()) openRow();
    return;
  }
  const act = SHORTCUTS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

function prepareKeys() {
  if (!one("[data-keys-switch]")) return; // the page of a link has no list of them
  const opener = one("[data-keys-open]");
  opener.hidden = false;
  opener.addEventListener("click", showKeys);
  const lever = one("[data-keys-switch]");
  lever.checked = shortcutsAreOn();
  lever.addEventListener("change", () => switchShortcuts(lever.checked));
  document.addEventListener("keydown", pressed);
}

// -- Filters, copying, media -----------------------------------------------------------------------------------

function showFilter(panel, open) {
  const toggle = one(".desk-filter__toggle", panel);
  panel.classList.toggle("desk-filter--open", open);
  toggle.setAttribute("aria-expanded", String(open));
  toggle.textContent = open ? "Hide filters" : "Show filters";
}

function prepareFilter(panel) {
  one(".desk-filter__toggle", panel).addEventListener("click", () => {
    showFilter(panel, !panel.classList.contains("desk-filter--open"));
  });
}

function prepareCopy(button) {
  if (!navigator.clipboard) return;
  const words = button.firstChild;
  const before = words.data;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    words.data = "Copied";
    setTimeout(() => (words.data = before), 2000);
  });
}

function blurMedia() {
  for (const box of all(".desk-media__clear:checked")) box.checked = false;
}

// -- Long work: look again until it is done ------------------------------------------------------------------------

async function lookAgain() {
  const answer = await fetch(location.href).catch(() => null);
  if (answer === null) return waitAndLook(document.body.dataset.refresh);
  if (!answer.ok || answer.redirected) return location.reload();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page.body.dataset.refresh) return location.reload();
  for (const region of all("[data-live]")) {
    const fresh = page.getElementById(region.id);
    if (fresh) region.replaceChildren(...fresh.childNodes);
  }
  return waitAndLook(page.body.dataset.refresh);
}

function waitAndLook(seconds) {
  setTimeout(lookAgain, Number(seconds) * 1000);
}

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();
all("[data-bulk]").forEach(prepareBulkForm);
all("[data-filter]").forEach(prepareFilter);
all("[data-copy]").forEach(prepareCopy);
prepareKeys();
document.addEventListener("visibilitychange", () => document.hidden && blurMedia());
if (document.body.dataset.refresh) waitAndLook(document.body.dataset.refresh);
