// In place of what Pulumi loads to serialize functions: TypeScript and npm's tree of packages, a second for each test file.
module.exports = {};
