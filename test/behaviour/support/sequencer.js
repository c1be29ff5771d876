// Files run in an order that makes sense: the shop as it is first, what stops the engine last.
const Sequencer = require('@jest/test-sequencer').default;
const { basename } = require('node:path');

const LAST = ['down.test.ts', 'engine-restart.test.ts'];

module.exports = class extends Sequencer {
  sort(tests) {
    const place = ({ path }) => [LAST.indexOf(basename(path)), basename(path)];
    return [...tests].sort((a, b) => place(a)[0] - place(b)[0] || (place(a)[1] < place(b)[1] ? -1 : 1));
  }
};
