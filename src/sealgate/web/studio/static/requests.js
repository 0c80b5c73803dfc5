// htmx's requests prove that they come from this page, and say when they get no answer.
import { toast } from "./toasts.js";

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]');
  if (token) event.detail.headers["X-CSRF-Token"] = token.content;
});
document.addEventListener("htmx:sendError", () => toast("Studio did not answer. Is the control plane running?", "bad"));
document.addEventListener("htmx:timeout", () => toast("Studio took too long to answer.", "bad"));
