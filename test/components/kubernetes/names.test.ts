import { isHostName, isLabel, objectNamePart } from '../../../components/kubernetes/names';

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
/** What Kubernetes allows as the name of a Secret. */
const isObjectName = (name: string) => name.split('.').every((label) => LABEL.test(label));

it.each(['password', 'db-password', 'a--b', 'tls.crt', '1'])('%s stays as it is', (name) =>
  expect(objectNamePart(name)).toBe(name),
);

it.each(['db_password', 'a..b', 'a.-b', 'a-.b', 'a_.b', '__init__'])(
  '%s becomes a name that objects may have',
  (name) => {
    expect(isObjectName(`x-${objectNamePart(name)}`)).toBe(true);
  },
);

it('two files never have one object', () => {
  const names = ['a_b', 'a-b', 'a__b', 'a.b', 'a_-b', 'a-_b'].map(objectNamePart);
  expect(new Set(names).size).toBe(names.length);
});

it.each([
  ['team', 'shop'],
  ['example.com/team', ''],
  ['a', 'A.b_c-1'],
  ['x'.repeat(63), 'x'.repeat(63)],
])('%s=%s is a label', (key, value) => expect(isLabel(key, value)).toBe(true));

it.each([
  ['', 'x'],
  ['a/b/c', 'x'],
  ['/a', 'x'],
  ['Example.com/a', 'x'],
  ['x'.repeat(64), 'x'],
  ['a', 'x'.repeat(64)],
  ['a', '-x'],
  ['a', 'x y'],
])('%s=%s is none', (key, value) => expect(isLabel(key, value)).toBe(false));

it('host names are in lower case, and may stand for all below', () => {
  for (const name of ['shop.example.com', '*.example.com', 'localhost']) expect(isHostName(name)).toBe(true);
  for (const name of ['', 'Shop.example.com', 'shop.example.com:80', 'a..b', '*.com.', '*', `${'x'.repeat(64)}.com`])
    expect(isHostName(name)).toBe(false);
});
