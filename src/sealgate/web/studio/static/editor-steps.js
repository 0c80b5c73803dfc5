// The cards of a composite connector's steps: which are unfolded goes along with the form, so that drawing it again
// leaves them as they were.
document.addEventListener("toggle", ({ target }) => {
  if (!target.matches?.("[data-step-card]")) return;
  target.querySelector('input[name$=".open"]').value = target.open ? "1" : "";
}, true);

// What is wrong in a folded card is said on it.
export function markCards(findings) {
  for (const card of document.querySelectorAll("#editor .step-card")) {
    const path = `${card.id.replace("field-", "").replaceAll("-", ".")}.`;
    const bad = findings.filter(({ severity, path: at }) => severity === "error" && at.startsWith(path)).length;
    const badge = card.querySelector("[data-step-faults]");
    if (!badge) continue;
    badge.hidden = !bad;
    badge.textContent = `${bad} to correct`;
  }
}
