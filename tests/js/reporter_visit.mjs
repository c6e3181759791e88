// A reporter's browser on one visit, for the tests in test_reporter_browser.py: a task in on stdin, its result out on stdout.
//
// In: {base, now, task: [name, ...arguments]}. An error comes out as {"error": its code or name}.

import { readFileSync } from "node:fs";

import { newCode, openPortal } from "../../static/js/client/reporter.js";

const { base, now, task: [name, ...args] } = JSON.parse(readFileSync(0, "utf8"));

const shownOf = ({ number, state, stateText, bodyName, received, updated, lookAgainDays, summary, narrative, messages, warnings, hasOlder, ledger }) => ({
  number, state, stateText, bodyName, received, updated, lookAgainDays, summary, narrative, messages, warnings, hasOlder, ledger,
});

const TASKS = {
  async look(portal) {
    return { demo: portal.demo, fingerprint: portal.fingerprint, rosterNo: portal.rosterNo, expires: portal.expires };
  },
  /** The whole way; the same sealed objects are sent twice, as after a lost answer. */
  async report(portal, report, facts) {
    const shown = await portal.preview(facts);
    const code = newCode();
    const sealed = await portal.seal({ report, facts, shown, code });
    return { code, shown, receipt: await portal.submit(sealed), again: await portal.submit(sealed) };
  },
  async mailbox(portal, code) {
    const mailbox = await portal.openMailbox(code);
    return mailbox && shownOf(mailbox);
  },
  async write(portal, code, text) {
    const mailbox = await portal.openMailbox(code);
    const at = await mailbox.write(text);
    return { at, ...shownOf(await mailbox.reload()) };
  },
  /** Everything, also what is too long to be listed or too old for the first page. */
  async all(portal, code) {
    const mailbox = await portal.openMailbox(code);
    while (mailbox.hasOlder) await mailbox.older();
    return shownOf(await mailbox.fetchLong());
  },
};

async function run() {
  try {
    const portal = await openPortal({ fetch: (path, options) => fetch(base + path, options), language: "vi", now: () => new Date(now) });
    return await TASKS[name](portal, ...args);
  } catch (error) {
    return { error: error.code ?? error.name, message: error.stack };
  }
}

process.stdout.write(JSON.stringify(await run()));
