// Pulumi keeps the stack trace of every promise that it makes, of an error without a message. Jest has traces of a hundred
// frames and looks each of them up in source maps, which took more than half of the time of a test that deploys a stack.
const { TestEnvironment } = require('jest-environment-node');

module.exports = class extends TestEnvironment {
  constructor(...args) {
    super(...args);
    this.global.Error.prepareStackTrace = (error, frames) =>
      // Jest's own, which it installs in its own realm later.
      error.message !== '' && Error.prepareStackTrace ? Error.prepareStackTrace(error, frames) : String(error);
  }
};
