// <button data-copy="text"> copies the text. The clipboard is there on https and on this machine only.
import { toast } from "./toasts.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    toast("Copied", "plain");
  } catch {
    toast("This browser does not let the page copy; select the text and copy it.", "bad");
  }
});
