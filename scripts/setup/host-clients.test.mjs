import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientEnvironment, extraAuthorities, mavenConfig, npmConfig, pipConfig } from './host-clients.mjs';

const pem = (body) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----`;

test('only certificates that a plain Debian does not have are handed on, each once', () => {
  const known = new Set([pem('known').replace(/\s/g, '')]);
  const extra = extraAuthorities([pem('known'), pem('mine'), pem('mine')].join('\n'), known);
  assert.deepEqual(extra, { 'machine-0.crt': `${pem('mine')}\n` });
});

test('settings that hold credentials stay behind', () => {
  assert.deepEqual(clientEnvironment({ HTTPS_PROXY: 'http://me:secret@proxy', PIP_INDEX_URL: 'https://t:x@i/' }), {});
  assert.equal(pipConfig("global.index-url='https://u:p@index/simple'"), '');
  assert.equal(npmConfig('{"registry":"https://u:p@r/","//r/:_authToken":"x"}'), '');
  assert.equal(mavenConfig('<settings><servers><server><password>x</password></server></servers></settings>'), '');
});

test('where the registries are and whom to trust is handed on', () => {
  assert.deepEqual(clientEnvironment({ PIP_CERT: '/some/where.pem', NO_PROXY: 'a' }), {
    PIP_CERT: '/etc/ssl/certs/ca-certificates.crt',
    NO_PROXY: 'a',
  });
  assert.equal(
    pipConfig("global.index-url='https://index/simple'\nglobal.cert='/x'"),
    '[global]\nindex-url = https://index/simple\n',
  );
  assert.equal(npmConfig('{"registry":"https://r/","cafile":"/x"}'), 'registry=https://r/\n');
  const mirrors = '<mirrors><mirror><url>https://m</url></mirror></mirrors>';
  assert.equal(
    mavenConfig(`<settings><!-- <mirrors></mirrors> -->${mirrors}<servers>x</servers></settings>`),
    `<settings>\n${mirrors}\n</settings>\n`,
  );
});
