// Signals for a program that we have started in the foreground: each reaches it exactly once.
//
// Pulumi counts: the first SIGINT or SIGTERM cancels an update in good order, the second one gives up at once, which leaves
// resources that no state knows. Yet one Ctrl-C arrives several times: the kernel signals every process of the terminal's
// foreground group, and npm passes on to its script what it gets itself. `kill PID` reaches only us, `timeout` first us and
// then the group. Nobody can tell from a signal who else got it. So the program runs in a session of its own, where only
// we reach it, and what comes to us more than once within a moment is handed on once.
//
// In another session the program keeps the terminal as its standard streams: it may read, ask and switch the echo off. It
// is not told that the window changed, nor stopped by Ctrl-Z; that is handed on as well.

/** Longer than npm takes to pass a signal on, on a busy machine; shorter than a person takes to mean it a second time. */
export const SAME_SIGNAL_MS = 1_000;

/** For `spawn`. Windows has no sessions: there a detached program would open a window. */
export const OWN_SESSION = process.platform === 'win32' ? {} : { detached: true };

const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

/** A signal counts unless the same one has counted within the last moment. Pure, for its tests. */
export function oncePer(moment, now = () => performance.now()) {
  const counted = new Map();
  return (signal) => {
    const before = counted.get(signal);
    if (before !== undefined && now() - before < moment) return false;
    counted.set(signal, now());
    return true;
  };
}

const isNew = oncePer(SAME_SIGNAL_MS);
let interrupted = false;

/** Whether somebody has asked this process to end: what would come next must not begin. */
export const wasInterrupted = () => interrupted;

/**
 * Hands signals on to a child that was spawned with `OWN_SESSION`, with what it has started, as a terminal would.
 *
 * @param instead signals by the one that stands for them, where the child does not know the one that came.
 * @returns what ends it once the child has ended.
 */
export function handOnSignals(child, instead = {}) {
  const send = (signal) => {
    try {
      // The child leads the group of its session.
      if (OWN_SESSION.detached) process.kill(-child.pid, signal);
      else child.kill(signal);
    } catch (error) {
      if (!['ESRCH', 'EPERM'].includes(error.code)) throw error; // it ended this very moment; macOS says EPERM then
    }
  };
  let ended = false;
  const ending = ENDING.map((signal) => [
    signal,
    () => {
      interrupted = true;
      const sent = instead[signal] ?? signal;
      if (isNew(sent) && !ended) send(sent);
    },
  ]);
  const terminal = [
    ['SIGWINCH', () => send('SIGWINCH')],
    [
      'SIGTSTP',
      () => {
        send('SIGSTOP'); // SIGTSTP does not stop a group that no shell controls
        process.kill(process.pid, 'SIGSTOP');
      },
    ],
    ['SIGCONT', () => send('SIGCONT')],
  ];
  if (child.pid === undefined) return () => {}; // it could not be started
  for (const [signal, listener] of ending) process.on(signal, listener);
  if (OWN_SESSION.detached) for (const [signal, listener] of terminal) process.on(signal, listener);
  return () => {
    ended = true;
    for (const [signal, listener] of terminal) process.off(signal, listener);
    // A second copy that is still on its way must not end us before we have put things in order.
    const off = () => ending.forEach(([signal, listener]) => process.off(signal, listener));
    if (interrupted) setTimeout(off, SAME_SIGNAL_MS).unref();
    else off();
  };
}
