// Tabs of one page (macro tab_panels): arrow keys move, the chosen panel is shown (WAI-ARIA tabs pattern).
const tabsOf = (box) => [...box.querySelectorAll(':scope > [role="tablist"] > [role="tab"]')];

function choose(box, chosen) {
  for (const tab of tabsOf(box)) {
    tab.setAttribute("aria-selected", String(tab === chosen));
    tab.tabIndex = tab === chosen ? 0 : -1;
    document.getElementById(tab.getAttribute("aria-controls")).hidden = tab !== chosen;
  }
}

function prepare(root) {
  for (const box of root.querySelectorAll("[data-tabs]:not([data-ready])")) {
    box.dataset.ready = "";
    for (const panel of box.querySelectorAll(":scope > [data-panel]")) {
      panel.id = `${box.dataset.tabs}-${panel.dataset.panel}`;
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", `${box.dataset.tabs}-tab-${panel.dataset.panel}`);
    }
    choose(box, tabsOf(box)[0]);
  }
}

prepare(document);
document.addEventListener("htmx:afterSettle", () => prepare(document));
document.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-tabs] [role=tab]");
  if (tab) choose(tab.closest("[data-tabs]"), tab);
});
document.addEventListener("keydown", (event) => {
  const tab = event.target.closest?.("[data-tabs] [role=tab]");
  const step = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
  if (!tab || step === undefined) return;
  event.preventDefault();
  const tabs = tabsOf(tab.closest("[data-tabs]"));
  const at = tabs.indexOf(tab) + step;
  const next = Number.isFinite(step) ? tabs[(at + tabs.length) % tabs.length] : step < 0 ? tabs[0] : tabs.at(-1);
  choose(tab.closest("[data-tabs]"), next);
  next.focus();
});
