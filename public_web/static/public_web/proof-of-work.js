// Solves a challenge while the form is filled in, so that the report need not wait for a person.
//
//   [data-proof-of-work] data-challenge data-worker data-name, and data-text-… for its words
//
// Without scripts, or where the browser cannot do it, the form is sent without a proof: nothing is
// lost, somebody looks at the report first.

const root = document.querySelector("[data-proof-of-work]");
const words = root.dataset;

$altcha.algorithms.set("PBKDF2/SHA-256", () => new Worker(words.worker));
$altcha.i18n.set(document.documentElement.lang, {
  label: words.textLabel,
  verifying: words.textWorking,
  verified: words.textDone,
  error: words.textFailed,
  expired: words.textFailed,
  waitAlert: words.textWorking,
});

const widget = document.createElement("altcha-widget");
widget.setAttribute("name", words.name);
widget.setAttribute("challenge", words.challenge);
widget.setAttribute("language", document.documentElement.lang);
widget.setAttribute("auto", "onload");
widget.setAttribute(
  "configuration",
  // No logo with a link out, and nothing is recorded of how somebody moves.
  JSON.stringify({ hideFooter: true, hideLogo: true, humanInteractionSignature: false, minDuration: 0 }),
);
root.append(widget);
